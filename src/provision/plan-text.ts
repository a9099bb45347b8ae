import type { ChalkInstance } from 'chalk';
import { formatDuration } from '../core/duration.ts';
import type { ApplyEvent } from './engine/apply.ts';
import type { FieldChange } from './engine/resource.ts';
import type { ChangeDocument, PlanDocument } from './plan-document.ts';

const SIGNS: Readonly<Record<ChangeDocument['action'], string>> = {
  create: '+',
  update: '~',
  replace: '±',
  delete: '-',
  adopt: '=',
  detach: '·',
};
const VALUE_WIDTH = 60;

/** A plan for people: one line per change, its fields below, the summary last. */
export function renderPlan(
  document: PlanDocument,
  labels: ReadonlyMap<string, string>,
  style: ChalkInstance,
): string {
  if (document.changes.length === 0) {
    return `${document.env}: no changes; ${document.summary.unchanged} resources are as they should be`;
  }
  const lines = document.changes.flatMap((change) => [
    `  ${paint(change, style)} ${change.id.padEnd(34)} ${labels.get(change.id) ?? change.type}`,
    ...(change.action === 'create' || change.action === 'delete' ? [] : change.fields.map(fieldLine)),
  ]);
  const notes = document.notes.map((note) => `  note  ${note}`);
  return [`${document.env}`, '', ...lines, '', `  ${summaryLine(document)}`, ...notes].join('\n');
}

export function summaryLine({ summary, changes }: PlanDocument): string {
  const parts = (['create', 'update', 'replace', 'delete', 'adopt'] as const)
    .filter((action) => summary[action] > 0)
    .map((action) => `${summary[action]} to ${action}`);
  const detached = changes.filter((change) => change.action === 'detach').length;
  if (detached > 0) parts.push(`${detached} to detach`);
  return `Plan: ${parts.join(', ')}${summary.unchanged > 0 ? `, ${summary.unchanged} unchanged` : ''}`;
}

function paint(change: ChangeDocument, style: ChalkInstance): string {
  const sign = SIGNS[change.action];
  if (change.action === 'create' || change.action === 'adopt') return style.green(sign);
  return change.action === 'update' || change.action === 'detach' ? style.yellow(sign) : style.red(sign);
}

function fieldLine({ field, from, to, replaces }: FieldChange): string {
  const after = to === null ? '(known after apply, or removed)' : short(to);
  return `      ${field}: ${short(from ?? '–')} → ${after}${replaces === true ? '  (must be made anew)' : ''}`;
}

function short(text: string): string {
  return text.length > VALUE_WIDTH ? `${text.slice(0, VALUE_WIDTH - 1)}…` : text;
}

/** A line of progress: append-only, so that a CI log reads well. */
export function progressLine(event: ApplyEvent, now: number): string {
  const time = new Date(now).toISOString().slice(11, 19);
  const at = `${time} ${event.kind.padEnd(7)} ${event.id}`;
  switch (event.kind) {
    case 'start':
      return `${at}  ${event.action}`;
    case 'waiting':
      return `${at}  ${formatDuration(event.elapsedMs)}  ${event.text ?? ''}`;
    case 'done':
      return `${at}  ${formatDuration(event.elapsedMs)}`;
    case 'failed':
      return [
        `${at}  ${event.error?.code ?? ''} ${event.error?.message ?? ''}`,
        `         cause  ${event.error?.why ?? ''}`,
        `         fix    ${event.error?.fix ?? ''}`,
      ].join('\n');
  }
}

const HEARTBEAT_MS = 15_000;

/** Tells starts, ends and failures at once, and what is awaited every 15 seconds per resource. */
export function progressReporter(
  write: (line: string) => void,
  now: () => number,
): (event: ApplyEvent) => void {
  const lastSaid = new Map<string, number>();
  return (event) => {
    if (event.kind === 'waiting') {
      if (now() - (lastSaid.get(event.id) ?? now() - event.elapsedMs) < HEARTBEAT_MS) return;
      lastSaid.set(event.id, now());
    }
    write(progressLine(event, now()));
  };
}

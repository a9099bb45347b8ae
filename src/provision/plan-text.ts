import type { ChalkInstance } from 'chalk';
import { formatDuration } from '../core/duration.ts';
import { clip, wrap } from '../core/wrap.ts';
import type { ApplyEvent } from './engine/apply.ts';
import type { FieldChange } from './engine/resource.ts';
import { namedParts } from './named-parts.ts';
import type { ChangeDocument, PlanDocument } from './plan-document.ts';

const SIGNS: Readonly<Record<ChangeDocument['action'], string>> = {
  create: '+',
  update: '~',
  replace: '±',
  delete: '-',
  adopt: '=',
  detach: '·',
};
/** Sign and id. */
const LABEL_COLUMN = 39;
const FIELD_COLUMN = 6;
/** Policies and settings are longer than anybody reads in a plan. */
const VALUE_LIMIT = 160;
/** Of a digest as many characters as tell two apart. */
const DIGEST_CHARACTERS = 12;

/** A plan for people: one line per change, its fields below, the summary last. */
export function renderPlan(
  document: PlanDocument,
  labels: ReadonlyMap<string, string>,
  { style, width }: { readonly style: ChalkInstance; readonly width: number },
): string {
  if (document.changes.length === 0) {
    return `${document.env}: no changes; ${document.summary.unchanged} resources are as they should be`;
  }
  const lines = document.changes.flatMap((change) => [
    changeLine(change, labels.get(change.id) ?? change.type, style, width),
    ...(change.action === 'create' || change.action === 'delete'
      ? []
      : change.fields.flatMap(namedParts).map((field) => fieldLines(field, width))),
  ]);
  const notes = document.notes.map((note) => wrap(`  note  ${note}`, width, 8));
  return [`${document.env}`, '', ...lines, '', `  ${summaryLine(document)}`, ...notes].join('\n');
}

function summaryLine({ summary, changes }: PlanDocument): string {
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

function changeLine(change: ChangeDocument, label: string, style: ChalkInstance, width: number): string {
  const text = wrap(`${' '.repeat(LABEL_COLUMN)}${label}`, width, LABEL_COLUMN).slice(LABEL_COLUMN);
  return `  ${paint(change, style)} ${change.id.padEnd(LABEL_COLUMN - 5)} ${text}`;
}

/** Before and after on one line where they fit, else below one another. */
function fieldLines({ field, from, to, replaces }: FieldChange, width: number): string {
  const lead = `${' '.repeat(FIELD_COLUMN)}${field}: `;
  const room = Math.min(VALUE_LIMIT, Math.max(20, width - lead.length - 2));
  const [before, after] = [value(from ?? '–', room), to === null ? UNKNOWN : value(to, room)];
  const anew = replaces === true ? '  (must be made anew)' : '';
  const line = `${lead}${before} → ${after}${anew}`;
  return line.length <= width ? line : `${lead}${before}\n${' '.repeat(lead.length - 2)}→ ${after}${anew}`;
}

const UNKNOWN = '(known after apply, or removed)';

function value(text: string, room: number): string {
  return clip(/^[0-9a-f]{40,}$/.test(text) ? `${text.slice(0, DIGEST_CHARACTERS)}…` : text, room);
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

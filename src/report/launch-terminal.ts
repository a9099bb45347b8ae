import type { ChalkInstance } from 'chalk';
import { formatDuration } from '../core/duration.ts';
import type { CheckResult, ResultDocument } from '../core/result.ts';
import { oneLine } from '../core/terminal-text.ts';
import { clip, wrap } from '../core/wrap.ts';
import type { TerminalOptions } from './terminal.ts';

const TITLE_COLUMNS = 22;
/** Number, mark and title. */
const LEAD_COLUMNS = 7 + TITLE_COLUMNS + 1;
/** Columns of a request's path at most, and of status and time. */
const PATH_COLUMNS = 43;
const METHOD_COLUMNS = 7;
const STATUS_COLUMNS = 13;
const READ_COLUMNS = 48;
const MARKS: Readonly<Record<string, string>> = { pass: '✓', warn: '!', fail: '✗', error: '?', skip: '–' };

/** The sequence of a launch for people: who asked whom, what came, and what could be read. */
export function renderLaunch(document: ResultDocument, options: TerminalOptions): string {
  const { launch, results } = document;
  const { width } = options;
  const lines = results.flatMap((result, index) => renderStep(result, index + 1, document, options));
  const context = Object.entries(launch?.context ?? {}).map(([name, value]) => `${name}=${plain(value)}`);
  return [
    `${document.target.fhirUrl} · ${plain(launch?.asked['client'])} · ${plain(launch?.asked['kind'])} launch`,
    '',
    ...lines,
    ...(context.length > 0 ? [wrap(`     context ${context.join('  ')}`, width, 13)] : []),
    ...(launch?.reads ?? []).map(renderRead),
    '',
    `  ${verdict(document)}   ${formatDuration(document.durationMs)}`,
    ...(options.reportDir === undefined ? [] : [`  report  ${options.reportDir}/result.json`]),
  ].join('\n');
}

function renderRead(read: Readonly<Record<string, unknown>>): string {
  const rows = read['rows'];
  const found = typeof rows === 'number' ? `   ${rows} ${rows === 1 ? 'resource' : 'resources'}` : '';
  return `     read    ${clip(plain(read['path']), READ_COLUMNS).padEnd(READ_COLUMNS)} ${read['status']}${found}`;
}

/** What a step says stands beside its request where both fit, else below. */
function renderStep(
  result: CheckResult,
  number: number,
  document: ResultDocument,
  { style, width }: TerminalOptions,
): readonly string[] {
  const mark = MARKS[result.outcome] ?? ' ';
  const paint = { pass: style.green, fail: style.red }[String(result.outcome)] ?? style.yellow;
  const lead = `  ${String(number).padStart(2)} ${paint(mark)} ${result.title.padEnd(TITLE_COLUMNS)} `;
  const http = requestOf(result, document, width);
  const said = result.message ?? '';
  const beside = http !== '' && LEAD_COLUMNS + http.length + 2 + said.length <= width;
  const first = http === '' ? [] : [`${lead}${http}${beside ? `  ${style.dim(said)}` : ''}`];
  const below = said === '' || beside ? [] : [saidBelow(said, http === '' ? lead : undefined, style, width)];
  const bare = http === '' && said === '' ? [lead] : [];
  const fix = result.fix === null ? [] : [wrap(`       fix   ${result.fix}`, width, 13)];
  const scopes = result.id === 'launch/token' && result.outcome === 'pass' ? scopeLines(document, width) : [];
  return [...[...bare, ...first, ...below].map((line) => line.trimEnd()), ...scopes, ...fix];
}

/** In the column of the requests; further left where a long word would not fit. */
function saidBelow(said: string, lead: string | undefined, style: ChalkInstance, width: number): string {
  const longest = Math.max(...said.split(' ').map((word) => word.length));
  const indent = Math.max(7, Math.min(LEAD_COLUMNS, width - longest));
  const start = lead === undefined ? indent : LEAD_COLUMNS;
  const text = wrap(`${' '.repeat(start)}${said}`, width, indent).slice(start);
  return `${lead ?? ' '.repeat(indent)}${style.dim(text)}`;
}

/** The last exchange of a step: method, path, status, milliseconds. */
function requestOf(result: CheckResult, document: ResultDocument, width: number): string {
  const own = document.exchanges.filter((exchange) => result.exchanges.includes(exchange.n));
  const last = own.at(-1);
  if (last === undefined) return '';
  const room = Math.max(16, Math.min(PATH_COLUMNS, width - LEAD_COLUMNS - METHOD_COLUMNS - STATUS_COLUMNS));
  const path = pathOf(last.request.url, document, room).padEnd(room);
  const status = last.response === null ? 'none' : String(last.response.status);
  return `${last.request.method.padEnd(METHOD_COLUMNS)}${path} ${status}  ${String(last.ms).padStart(4)} ms`;
}

function scopeLines({ launch }: ResultDocument, width: number): readonly string[] {
  return [
    wrap(`     scope   asked  ${plain(launch?.asked['scope'])}`, width, 20),
    wrap(`             given  ${plain(launch?.granted['scope'])}`, width, 20),
  ];
}

function pathOf(url: string, document: ResultDocument, room: number): string {
  const base = `${document.target.fhirUrl.replace(/\/+$/, '')}/`;
  const bare = url.replace(/[?#].*$/s, '');
  const { origin } = new URL(base);
  const path = bare.startsWith(base)
    ? bare.slice(base.length)
    : bare.startsWith(`${origin}/`)
      ? bare.slice(origin.length)
      : bare;
  return path.length > room ? `…${path.slice(1 - room)}` : path;
}

function verdict(document: ResultDocument): string {
  const { fail, error, warn } = document.summary;
  if (fail > 0) return 'the launch failed';
  if (error > 0) return 'the launch could not be completed';
  return warn > 0 ? 'the launch worked, with findings' : 'the launch worked';
}

/** In one line: much of it is what a server said. */
function plain(value: unknown): string {
  return typeof value === 'string' ? oneLine(value) : JSON.stringify(value ?? null);
}

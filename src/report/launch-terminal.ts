import { formatDuration } from '../core/duration.ts';
import type { CheckResult, RecordedExchange, ResultDocument } from '../core/result.ts';
import type { TerminalOptions } from './terminal.ts';

const TITLE_COLUMNS = 22;
const PATH_COLUMNS = 48;
/** Method and path share the column. */
const PATH_LIMIT = PATH_COLUMNS - 5;
const MARKS: Readonly<Record<string, string>> = { pass: '✓', warn: '!', fail: '✗', error: '?', skip: '–' };

/** The sequence of a launch for people: who asked whom, what came, and what could be read. */
export function renderLaunch(document: ResultDocument, options: TerminalOptions): string {
  const { launch, results, exchanges } = document;
  const lines = results.flatMap((result, index) =>
    renderStep(result, index + 1, exchanges, document, options),
  );
  const context = Object.entries(launch?.context ?? {}).map(([name, value]) => `${name}=${plain(value)}`);
  const reads = (launch?.reads ?? []).map((read) => {
    const rows =
      typeof read['rows'] === 'number'
        ? `   ${read['rows']} ${read['rows'] === 1 ? 'resource' : 'resources'}`
        : '';
    return `     read    ${String(read['path']).padEnd(PATH_COLUMNS)} ${read['status']}${rows}`;
  });
  return [
    `${document.target.fhirUrl} · ${plain(launch?.asked['client'])} · ${plain(launch?.asked['kind'])} launch`,
    '',
    ...lines,
    ...(context.length > 0 ? [`     context ${context.join('  ')}`] : []),
    ...reads,
    '',
    `  ${verdict(document)}   ${formatDuration(document.durationMs)}`,
    ...(options.reportDir === undefined ? [] : [`  report  ${options.reportDir}/result.json`]),
  ].join('\n');
}

function renderStep(
  result: CheckResult,
  number: number,
  exchanges: readonly RecordedExchange[],
  document: ResultDocument,
  options: TerminalOptions,
): readonly string[] {
  const own = exchanges.filter((exchange) => result.exchanges.includes(exchange.n));
  const last = own.at(-1);
  const http =
    last === undefined ? '' : `${last.request.method.padEnd(4)} ${pathOf(last.request.url, document)}`;
  const status = last?.response == null ? '' : `${last.response.status}  ${String(last.ms).padStart(4)} ms`;
  const mark = MARKS[result.outcome] ?? ' ';
  const { style } = options;
  const painted =
    result.outcome === 'pass'
      ? style.green(mark)
      : result.outcome === 'fail'
        ? style.red(mark)
        : style.yellow(mark);
  const said = result.message ?? '';
  const line = `  ${String(number).padStart(2)} ${painted} ${result.title.padEnd(TITLE_COLUMNS)} ${http.padEnd(PATH_COLUMNS)} ${status.padEnd(12)} ${style.dim(said)}`;
  const fix = result.fix === null || result.outcome === 'pass' ? [] : [`       fix   ${result.fix}`];
  const scopes = result.id === 'launch/token' && result.outcome === 'pass' ? scopeLines(document) : [];
  return [line.trimEnd(), ...scopes, ...fix];
}

function scopeLines(document: ResultDocument): readonly string[] {
  const { launch } = document;
  return [
    `     scope   asked  ${plain(launch?.asked['scope'])}`,
    `             given  ${plain(launch?.granted['scope'])}`,
  ];
}

function pathOf(url: string, document: ResultDocument): string {
  const base = `${document.target.fhirUrl.replace(/\/+$/, '')}/`;
  const bare = url.replace(/[?#].*$/s, '');
  const path = bare.startsWith(base) ? bare.slice(base.length) : bare;
  return path.length > PATH_LIMIT ? `…${path.slice(1 - PATH_LIMIT)}` : path;
}

function verdict(document: ResultDocument): string {
  const { fail, error, warn } = document.summary;
  if (fail > 0) return 'the launch failed';
  if (error > 0) return 'the launch could not be completed';
  return warn > 0 ? 'the launch worked, with findings' : 'the launch worked';
}

function plain(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

import type { ChalkInstance } from 'chalk';
import { formatDuration } from '../core/duration.ts';
import type { CheckResult, Outcome, ResultDocument, Summary } from '../core/result.ts';
import { clip, wrap } from '../core/wrap.ts';

export interface TerminalOptions {
  readonly style: ChalkInstance;
  /** Columns. */
  readonly width: number;
  /** Where reports were written. */
  readonly reportDir?: string | undefined;
  /** Id under which the run is kept. */
  readonly run?: string | undefined;
  /** Also list what was skipped and what does not apply. */
  readonly verbose: boolean;
}

const GROUP_TITLES: Readonly<Record<string, string>> = {
  discovery: 'Discovery and capabilities',
  launch: 'Launch and authorization',
  token: 'Tokens',
  oidc: 'Identity of the user',
  refresh: 'Refresh',
  scopes: 'Scopes and patient boundary',
  context: 'Launch context',
  introspection: 'Introspection',
  revocation: 'Revocation',
  backend: 'Backend services',
  bulk: 'Bulk export',
  fhir: 'FHIR API',
  'us-core': 'US Core',
  cors: 'Cross-origin access',
  tls: 'TLS and endpoints',
  security: 'Security of the flow',
};

const MARKS: Readonly<Record<Outcome, string>> = {
  pass: '✓',
  fail: '✗',
  warn: '!',
  skip: '–',
  na: '–',
  waived: '!',
  error: '?',
  manual: '–',
};
/** Most serious first: the mark of a group is that of its worst result. */
const SERIOUSNESS: readonly Outcome[] = ['fail', 'error', 'warn', 'waived', 'pass', 'manual', 'skip', 'na'];
const WORDS: Readonly<Record<Outcome, string>> = {
  pass: 'pass',
  fail: 'fail',
  warn: 'warn',
  skip: 'skip',
  na: 'n/a',
  waived: 'waived',
  error: 'could not check',
  manual: 'manual',
};
const TITLE_COLUMNS = 30;
/** Where the text of `saw` and `fix` starts. */
const SAID_COLUMNS = 13;
const UNCHECKED = 'COULD NOT CHECK';
const HINT_COLUMNS = 10;
const NO_BASE =
  'neither .well-known/smart-configuration nor metadata is served below this URL: is it the FHIR base?';

/** The result for people: groups, then findings by impact, then one line of sums. */
export function renderResult(document: ResultDocument, options: TerminalOptions): string {
  const { summary, results } = document;
  const head = `${document.target.fhirUrl} · ${summary.total} checks`;
  const report = [
    ...(options.reportDir === undefined ? [] : [`  report  ${options.reportDir}/result.json`]),
    ...(options.run === undefined ? [] : [`  run     ${options.run}`]),
  ];
  if (summary.pass > 0 && summary.pass + summary.na === summary.total) {
    const na = summary.na === 0 ? '' : ` (${summary.na} n/a)`;
    return [
      head,
      `${options.style.green('✓')} ${summary.pass} of ${summary.total} pass${na}`,
      ...report,
    ].join('\n');
  }
  const of = (outcome: Outcome): readonly CheckResult[] =>
    results.filter((result) => result.outcome === outcome);
  const findings = [
    ...of('fail').map((result) => renderFinding(result, options)),
    ...renderUnchecked(of('error'), options),
    ...of('warn').map((result) => renderFinding(result, options)),
  ];
  const why = of('fail')[0] ?? of('warn')[0];
  // Groups of a server that never answered would be a wall of nothing.
  const judged = summary.pass + summary.fail + summary.warn + summary.waived > 0;
  const shown = judged || summary.error === 0;
  const groups = shown ? groupsOf(results) : [];
  const rest = options.verbose
    ? renderRest(results, options)
    : shown
      ? renderNeeds(results, options.width)
      : [];
  return [
    head,
    ...(groups.length > 0 ? [''] : []),
    ...groups.map(([group, items]) => renderGroup(group, items, options)),
    ...(findings.length > 0 ? ['', ...findings] : []),
    ...(rest.length > 0 ? ['', ...rest] : []),
    '',
    `  ${sums(summary)}   ${formatDuration(document.durationMs)}`,
    ...(isNoBase(results) ? [wrap(`  hint    ${NO_BASE}`, options.width, HINT_COLUMNS)] : []),
    ...report,
    ...(why === undefined ? [] : [`  why     smartfhir explain ${why.id}`]),
  ].join('\n');
}

/** `2 fail · 1 warn · 114 pass`, zeros left out. */
export function sums(summary: Summary): string {
  return SERIOUSNESS.filter((outcome) => summary[outcome] > 0)
    .map((outcome) => `${summary[outcome]} ${WORDS[outcome]}`)
    .join(' · ');
}

function groupsOf(results: readonly CheckResult[]): readonly (readonly [string, readonly CheckResult[]])[] {
  return [...Map.groupBy(results, (result) => result.group)];
}

function renderGroup(group: string, results: readonly CheckResult[], options: TerminalOptions): string {
  const worst = SERIOUSNESS.find((outcome) => results.some((result) => result.outcome === outcome)) ?? 'skip';
  const counts = (['pass', 'fail', 'error', 'warn', 'waived', 'manual', 'skip', 'na'] as const)
    .map((outcome) => [outcome, results.filter((result) => result.outcome === outcome).length] as const)
    .filter(([, count]) => count > 0)
    .map(([outcome, count]) => `${String(count).padStart(3)} ${WORDS[outcome]}`)
    .join('  ');
  const title = (GROUP_TITLES[group] ?? group).padEnd(TITLE_COLUMNS);
  const line = clip(`    ${title}${counts}${reasonOf(results)}`, options.width);
  return `  ${paint(worst, MARKS[worst], options.style)} ${line.slice(4)}`;
}

/** Why a group that was skipped whole was skipped. */
function reasonOf(results: readonly CheckResult[]): string {
  const reasons = new Set(results.map((result) => (result.outcome === 'skip' ? result.message : null)));
  const [reason] = reasons;
  return reasons.size === 1 && typeof reason === 'string' ? `   ${reason}` : '';
}

function renderFinding(result: CheckResult, options: TerminalOptions): string {
  const { style } = options;
  const word = result.outcome.toUpperCase();
  const exchanges =
    result.exchanges.length === 0 ? '' : `   exchange ${result.exchanges.map((n) => `#${n}`).join(' ')}`;
  const line = (text: string): string => wrap(text, options.width, SAID_COLUMNS);
  return [
    `${paint(result.outcome, word, style)}  ${style.bold(result.id)}  ${result.title}`,
    line(`      saw    ${result.message ?? ''}${exchanges}`),
    ...(result.fix === null ? [] : [line(`      fix    ${result.fix}`)]),
    ...(result.requirements.length === 0
      ? []
      : [style.dim(line(`      rules  ${result.requirements.join(' ')}`))]),
  ].join('\n');
}

/** What could not be checked, by its reason: one dead host would otherwise fill the screen. */
function renderUnchecked(results: readonly CheckResult[], options: TerminalOptions): readonly string[] {
  return [...Map.groupBy(results, (result) => result.message ?? '')].map(([reason, items]) =>
    [
      wrap(`${UNCHECKED}  ${items.map((item) => item.id).join(', ')}`, options.width, SAID_COLUMNS).replace(
        UNCHECKED,
        paint('error', UNCHECKED, options.style),
      ),
      wrap(`      saw    ${reason}`, options.width, SAID_COLUMNS),
    ].join('\n'),
  );
}

/** Skipped checks by their reason: one line each reason. */
function renderRest(results: readonly CheckResult[], options: TerminalOptions): readonly string[] {
  const skipped = results.filter((result) => result.outcome === 'skip' || result.outcome === 'na');
  return [...Map.groupBy(skipped, (result) => result.message ?? '')].map(([reason, items]) =>
    options.style.dim(
      [
        wrap(`SKIP  ${items.map((item) => item.id).join(', ')}`, options.width, 6),
        wrap(`      ${reason}`, options.width, 6),
      ].join('\n'),
    ),
  );
}

/** What the skipped checks would need, by number: what to configure next. */
function renderNeeds(results: readonly CheckResult[], width: number): readonly string[] {
  const needs = results.flatMap(({ outcome, message }) =>
    outcome === 'skip' && message?.startsWith('needs ') === true ? [message] : [],
  );
  if (needs.length === 0) return [];
  const counts = [...Map.groupBy(needs, (need) => need)].toSorted(([, a], [, b]) => b.length - a.length);
  return [
    'SKIPPED',
    ...counts.map(([need, all]) => wrap(`  ${String(all.length).padStart(6)}  ${need}`, width, HINT_COLUMNS)),
    wrap(
      '  clients, users, patients and a group go under environments.NAME.server of smartfhir.yaml',
      width,
      2,
    ),
  ];
}

/** Both documents that every SMART server has are missing: more likely a wrong address than two defects. */
function isNoBase(results: readonly CheckResult[]): boolean {
  return ['discovery/served', 'fhir/capability-statement'].every((id) =>
    results.some((result) => result.id === id && result.outcome === 'fail'),
  );
}

function paint(outcome: Outcome, text: string, style: ChalkInstance): string {
  if (outcome === 'pass') return style.green(text);
  if (outcome === 'fail') return style.red(text);
  return outcome === 'warn' || outcome === 'error' || outcome === 'waived'
    ? style.yellow(text)
    : style.dim(text);
}

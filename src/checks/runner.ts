import type { Clock } from '../core/clock.ts';
import { SmartfhirError } from '../core/errors.ts';
import { Redactor } from '../core/redact.ts';
import { type CheckResult, type ResultDocument, summarise } from '../core/result.ts';
import type { FetchLike } from '../core/target.ts';
import { isObject } from '../smart/json.ts';
import { Recorder } from '../smart/recorder.ts';
import { profileSecrets, type ServerProfile } from '../smart/server-profile.ts';
import type { Check } from './check.ts';
import type { Evidence } from './evidence/evidence.ts';
import { Gatherer, type KeptEvidence } from './gatherer.ts';
import { judgeCheck } from './judge.ts';

/** A result document with the redacted evidence it was judged from, so that it can be judged again. */
export interface DoctorDocument extends ResultDocument {
  readonly evidence: Readonly<Record<string, KeptEvidence>>;
  /** From an exchange reference to its number. */
  readonly references: Readonly<Record<string, number>>;
}

export interface RunOptions {
  readonly checks: readonly Check[];
  readonly profile: ServerProfile;
  readonly fetch: FetchLike;
  readonly clock: Clock;
  readonly version: string;
  readonly signal?: AbortSignal;
  /** Requests on their way at the same time. */
  readonly concurrency?: number;
  /** Milliseconds for one exchange. */
  readonly exchangeBudgetMs?: number;
  readonly onEvidence?: (id: string, done: number, total: number) => void;
}

const DEFAULT_CONCURRENCY = 6;
const EXCHANGE_BUDGET_MS = 20_000;

/** Gather → derive → redact → judge. A stopped run is judged from what it has and marked incomplete. */
export async function runChecks(options: RunOptions): Promise<DoctorDocument> {
  const started = options.clock.now();
  const redactor = new Redactor();
  for (const secret of profileSecrets(options.profile)) redactor.addSecret(secret);
  const signal = options.signal ?? new AbortController().signal;
  const recorder = new Recorder({
    fetch: options.fetch,
    redactor,
    clock: options.clock,
    concurrency: options.concurrency ?? DEFAULT_CONCURRENCY,
    limits: { budgetMs: options.exchangeBudgetMs ?? EXCHANGE_BUDGET_MS, signal },
  });
  const gatherer = new Gatherer({
    profile: options.profile,
    recorder,
    redactor,
    clock: options.clock,
    signal,
  });
  const needed = evidenceOf(options.checks);
  // A secret met late in the run may stand in what was captured early: everything is scrubbed once more.
  const evidence = scrubbed(await gatherAll(gatherer, needed, options.onEvidence), redactor);
  const { list, numbers } = recorder.exchanges(needed.map(({ id }) => id));
  const results = options.checks.map((check) => judgeCheck(check, { evidence, numbers }));
  const document: DoctorDocument = {
    schema: 'smartfhir/result/v1',
    tool: { name: 'smartfhir', version: options.version },
    target: { fhirUrl: options.profile.fhirUrl },
    startedAt: new Date(started).toISOString(),
    durationMs: options.clock.now() - started,
    incomplete: signal.aborted || isIncomplete(results),
    summary: summarise(results),
    results,
    exchanges: redactor.strings(list),
    evidence,
    references: Object.fromEntries(numbers),
  };
  return withoutLeaks(document, redactor);
}

/** The same checks on evidence that was kept: the same verdicts, without a single request. */
export function judgeAgain(kept: DoctorDocument, checks: readonly Check[]): DoctorDocument {
  const numbers = new Map(Object.entries(kept.references));
  const results = checks.map((check) => judgeCheck(check, { evidence: kept.evidence, numbers }));
  return { ...kept, incomplete: isIncomplete(results), summary: summarise(results), results };
}

/** Every evidence the checks need, once, in the order of the checks. */
export function evidenceOf(checks: readonly Check[]): readonly Evidence<unknown, unknown>[] {
  const all = checks.flatMap((check) => Object.values(check.meta.needs) as Evidence<unknown, unknown>[]);
  return [...new Map(all.map((evidence) => [evidence.id, evidence])).values()];
}

async function gatherAll(
  gatherer: Gatherer,
  needed: readonly Evidence<unknown, unknown>[],
  onEvidence: RunOptions['onEvidence'],
): Promise<Record<string, KeptEvidence>> {
  let done = 0;
  const kept = await Promise.all(
    needed.map(async (evidence) => {
      const result = await gatherer.keep(evidence);
      done += 1;
      onEvidence?.(evidence.id, done, needed.length);
      return [evidence.id, result] as const;
    }),
  );
  return Object.fromEntries(kept);
}

function isIncomplete(results: readonly CheckResult[]): boolean {
  return results.some((result) => result.outcome === 'error');
}

/** Only what came from the server: a server may call its token `gathered`, and our own words stay. */
function scrubbed(
  evidence: Readonly<Record<string, KeptEvidence>>,
  redactor: Redactor,
): Record<string, KeptEvidence> {
  return Object.fromEntries(
    Object.entries(evidence).map(([id, kept]) => [
      id,
      kept.state === 'gathered'
        ? { ...kept, facts: redactor.strings(kept.facts) }
        : { ...kept, reason: redactor.text(kept.reason) },
    ]),
  );
}

/** The last look before anything is written: a secret that survived redaction stops the run. */
function withoutLeaks(document: DoctorDocument, redactor: Redactor): DoctorDocument {
  const { exchanges, evidence } = document;
  const leaks = redactor.leaks(
    [exchanges, Object.values(evidence)].flatMap((part) => stringsIn(part)).join('\n'),
  );
  if (leaks.length === 0) return document;
  throw new SmartfhirError('INTERNAL', `the result would contain ${leaks.join(', ')}; it was not written`);
}

/** The strings of a JSON value that are not our own constants. */
function stringsIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => (key === 'state' ? [] : stringsIn(item)));
}

/** A kept document, checked as far as judging and showing it again needs: people edit and cut files. */
export function readDocument(value: unknown): DoctorDocument {
  if (isDocument(value)) return value as unknown as DoctorDocument;
  throw new SmartfhirError('USAGE', 'the file is no result of `smartfhir doctor` with its evidence', {
    fix: 'give a result.json that doctor wrote with --report-dir or -o json',
  });
}

function isDocument(value: unknown): boolean {
  if (!isObject(value) || value['schema'] !== 'smartfhir/result/v1') return false;
  const { target, durationMs, evidence, references, exchanges } = value;
  return (
    isObject(target) &&
    typeof target['fhirUrl'] === 'string' &&
    typeof durationMs === 'number' &&
    Array.isArray(exchanges) &&
    isObject(references) &&
    Object.values(references).every((n) => typeof n === 'number') &&
    isObject(evidence) &&
    Object.values(evidence).every(isKept)
  );
}

function isKept(value: unknown): boolean {
  if (!isObject(value)) return false;
  if (value['state'] === 'gathered') return value['facts'] !== undefined;
  return (
    value['state'] === 'unavailable' &&
    /^(skip|na|error)$/.test(String(value['outcome'])) &&
    typeof value['reason'] === 'string'
  );
}

import { messageOf } from '../core/errors.ts';
import type { CheckResult, Outcome, Severity } from '../core/result.ts';
import { oneLine } from '../core/terminal-text.ts';
import { type Check, groupOf, type Verdict } from './check.ts';
import type { KeptEvidence } from './gatherer.ts';

/** All that a judgement may depend on: redacted facts, and the numbers of the exchanges behind them. */
export interface JudgementBasis {
  readonly evidence: Readonly<Record<string, KeptEvidence>>;
  /** From an exchange reference to its number. */
  readonly numbers: ReadonlyMap<string, number>;
}

/** Exchanges named when the verdict names none: more than this would name nothing. */
const MAX_EXCHANGES = 4;

/** One check against what was gathered. Never throws: a check that breaks is an `error`, not a crash. */
export function judgeCheck(check: Check, basis: JudgementBasis): CheckResult {
  const { meta } = check;
  const needed = Object.entries(meta.needs).map(([name, evidence]) => ({ name, id: evidence.id }));
  const missing = needed
    .map(({ id }) => basis.evidence[id])
    .find((kept) => kept === undefined || kept.state === 'unavailable');
  if (missing?.state === 'unavailable') return result(check, missing.outcome, missing.reason, null, []);
  const facts: Record<string, unknown> = {};
  for (const { name, id } of needed) {
    const kept = basis.evidence[id];
    if (kept?.state !== 'gathered')
      return result(check, 'skip', 'what it needs was not gathered in this run', null, []);
    facts[name] = kept.facts;
  }
  try {
    return judged(
      check,
      check.judge(facts),
      exchangesOf(
        basis,
        needed.map(({ id }) => id),
      ),
      basis.numbers,
    );
  } catch (error) {
    return result(check, 'error', `the check itself failed: ${messageOf(error)}`, null, []);
  }
}

function judged(
  check: Check,
  verdict: Verdict,
  exchanges: readonly number[],
  numbers: ReadonlyMap<string, number>,
): CheckResult {
  if (verdict.outcome !== 'fail')
    return result(check, verdict.outcome, verdict.message ?? null, null, exchanges);
  const named = (verdict.at ?? []).flatMap((reference) => numbers.get(reference) ?? []);
  const outcome = violated(check.meta.severity);
  return result(
    check,
    outcome,
    verdict.message,
    verdict.fix ?? check.meta.fix,
    named.length > 0 ? named : exchanges,
  );
}

/** Design, "Exit codes": a violated check of severity info passes with a message. */
function violated(severity: Severity): Outcome {
  return severity === 'error' ? 'fail' : severity === 'warn' ? 'warn' : 'pass';
}

function exchangesOf(basis: JudgementBasis, ids: readonly string[]): readonly number[] {
  const found = [...basis.numbers].filter(([reference]) => ids.some((id) => reference.startsWith(`${id}#`)));
  return found.length > MAX_EXCHANGES ? [] : found.map(([, n]) => n);
}

function result(
  check: Check,
  outcome: Outcome,
  message: string | null,
  fix: string | null,
  exchanges: readonly number[],
): CheckResult {
  const { id, title, severity, specs, requirements, inferno } = check.meta;
  return {
    id,
    title,
    group: groupOf(id),
    severity,
    outcome,
    // Verdicts quote servers.
    message: message === null ? null : oneLine(message),
    fix,
    specs,
    requirements,
    inferno,
    exchanges,
  };
}

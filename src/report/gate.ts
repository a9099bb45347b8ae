import { ExitCode } from '../core/exit-codes.ts';
import type { ResultDocument } from '../core/result.ts';

export type FailOn = 'error' | 'warn' | 'never';

/** Design, "Exit codes": 3 if the gate is reached; else 5 if any error or nothing was judged; else 0. */
export function exitCodeOf(document: ResultDocument, failOn: FailOn): ExitCode {
  const { fail, warn, error, pass } = document.summary;
  if (failOn !== 'never' && fail > 0) return ExitCode.findings;
  if (failOn === 'warn' && warn > 0) return ExitCode.findings;
  if (error > 0 || pass + fail + warn === 0) return ExitCode.couldNotCheck;
  return ExitCode.ok;
}

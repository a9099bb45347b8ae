/** The typed API for scripts: the same calls that the command line makes. */
export { run } from './cli.ts';
export { systemClock } from './core/clock.ts';
export { ERROR_CODES, type ErrorCode } from './core/error-codes.ts';
export { type ErrorDocument, SmartfhirError } from './core/errors.ts';
export { ExitCode } from './core/exit-codes.ts';
export { type Io, processIo, Stop } from './core/io.ts';
export type { CheckResult, Outcome, ResultDocument, Severity, Summary } from './core/result.ts';
export type { Target } from './core/target.ts';

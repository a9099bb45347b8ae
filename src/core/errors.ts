import { ERROR_CODES, type ErrorCode } from './error-codes.ts';
import type { ExitCode } from './exit-codes.ts';

/** What may be said more precisely than the table of codes says it. */
export interface ErrorDetail {
  /** Why it happened, in this case. */
  readonly why?: string;
  /** What to do about it, in this case. */
  readonly fix?: string;
  /** The next command, in this case. */
  readonly command?: string;
  /** The underlying error, kept for `-v`. */
  readonly cause?: unknown;
}

/** A failure the user can act on. Anything else that escapes is a bug and prints a stack. */
export class SmartfhirError extends Error {
  override readonly name = 'SmartfhirError';
  readonly code: ErrorCode;
  readonly why: string;
  readonly fix: string;
  readonly command: string;
  readonly exitCode: ExitCode;

  constructor(code: ErrorCode, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause });
    const entry = ERROR_CODES[code];
    this.code = code;
    this.why = detail.why ?? entry.cause;
    this.fix = detail.fix ?? entry.fix;
    this.command = detail.command ?? entry.command;
    this.exitCode = entry.exitCode;
  }
}

/** The failure document on stdout under `-o json`. */
export interface ErrorDocument {
  readonly schema: 'smartfhir/error/v1';
  readonly exitCode: ExitCode;
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly cause: string;
    readonly fix: string;
    readonly command: string;
  };
}

/** What the file system refuses for reasons outside the program, in words. */
const FILE_REFUSALS: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EPERM: 'not permitted',
  EBUSY: 'it is in use by the system',
  EROFS: 'the file system is read-only',
  ENOSPC: 'the disk is full',
  EDQUOT: 'the disk quota is used up',
  ENOTDIR: 'a part of the path is no folder',
  EEXIST: 'something else is in its place',
  EISDIR: 'it is a folder',
  ERR_FS_EISDIR: 'it is a folder',
  ENAMETOOLONG: 'the name is too long',
  ELOOP: 'symbolic links go in a circle',
  EMFILE: 'too many open files',
  EIO: 'the disk failed',
};

/**
 * Any thrown value as a SmartfhirError: refusals of the file system are `FILE_UNUSABLE`; what is nothing known is an
 * `INTERNAL` error.
 */
export function asSmartfhirError(thrown: unknown): SmartfhirError {
  if (thrown instanceof SmartfhirError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  if (thrown instanceof Error && 'code' in thrown) {
    const refusal = FILE_REFUSALS[String(thrown.code)];
    const path = 'path' in thrown ? String(thrown.path) : thrown.message;
    if (refusal !== undefined)
      return new SmartfhirError('FILE_UNUSABLE', `${path}: ${refusal}`, { cause: thrown });
  }
  return new SmartfhirError('INTERNAL', message, { cause: thrown });
}

export function errorDocument(error: SmartfhirError): ErrorDocument {
  return {
    schema: 'smartfhir/error/v1',
    exitCode: error.exitCode,
    error: {
      code: error.code,
      message: error.message,
      cause: error.why,
      fix: error.fix,
      command: error.command,
    },
  };
}

/** `error.message` of whatever was thrown, for text that only quotes it. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}

import type { Readable, Writable } from 'node:stream';
import type { Clock } from './clock.ts';

/** Everything a run touches outside itself, passed in so that tests run the command line in-process. */
export interface Io {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly stdin: Readable & { readonly isTTY?: boolean };
  readonly stdout: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly stderr: Writable & { readonly isTTY?: boolean; readonly columns?: number };
  readonly clock: Clock;
  /** Aborted with a `Stop` when the process is told to end; absent where nobody can interrupt. */
  readonly interrupted?: AbortSignal;
}

/** Why a run was stopped before its end. */
export class Stop extends Error {
  override readonly name = 'Stop';
  readonly kind: 'interrupt' | 'terminate' | 'timeout';

  constructor(kind: Stop['kind']) {
    super(kind === 'timeout' ? 'the time budget is spent' : `stopped by ${kind}`);
    this.kind = kind;
  }
}

/** Node's own process as an Io, without signal handling (the bin adds that). */
export function processIo(clock: Clock): Io {
  return {
    env: process.env,
    cwd: process.cwd(),
    stdin: process.stdin,
    stdout: process.stdout,
    stderr: process.stderr,
    clock,
  };
}

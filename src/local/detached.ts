import { spawn } from 'node:child_process';
import { open, readFile } from 'node:fs/promises';
import { type Clock, SECOND, systemClock } from '../core/clock.ts';
import { ERROR_CODES, type ErrorCode } from '../core/error-codes.ts';
import { SmartfhirError } from '../core/errors.ts';
import { type StackStatus, stackStatus } from './stack.ts';
import { liveOwner, openStateFolder, type StateFolder } from './state-folder.ts';

/** A stack that is not ready by then has failed. */
const READY_BUDGET_MS = 30 * SECOND;
const POLL_MS = 50;
/** Of the child's output that an error message quotes, characters. */
const QUOTED = 500;

export interface DetachedOptions {
  readonly folder: StateFolder;
  /** The program and its arguments: the real bin with `local up --foreground -o json`. */
  readonly command: readonly [string, ...string[]];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
  readonly clock?: Clock;
}

/**
 * Starts the stack as a process of its own that outlives this one, and waits until it answers.
 *
 * @throws SmartfhirError the child's own failure, or `TIMEOUT`
 */
export async function startDetached(options: DetachedOptions): Promise<StackStatus & { running: true }> {
  const { folder, command } = options;
  const clock = options.clock ?? systemClock;
  await openStateFolder(folder);
  const output = await open(folder.start, 'w', 0o600);
  const errors = await open(folder.log, 'a', 0o600);
  const [program, ...args] = command;
  const child = spawn(program, args, {
    cwd: options.cwd,
    env: options.env as NodeJS.ProcessEnv,
    detached: true,
    stdio: ['ignore', output.fd, errors.fd],
  });
  let ended: string | undefined;
  child.on('error', (error) => {
    ended = error.message;
  });
  child.on('exit', (code, signal) => {
    ended ??= `it ended with ${signal ?? `exit code ${code}`}`;
  });
  child.unref();
  await output.close();
  await errors.close();
  const deadline = clock.now() + READY_BUDGET_MS;
  try {
    for (;;) {
      const status = await stackStatus(folder);
      if (status.running) return status;
      if (ended !== undefined) {
        const failure = await failureOf(folder, ended);
        // Another call starts it at the same moment: its stack is as good.
        if (failure.code !== 'LOCKED' || (await liveOwner(folder)) === undefined) throw failure;
      }
      if (clock.now() > deadline) {
        throw new SmartfhirError(
          'TIMEOUT',
          `the laptop stack was not ready within ${READY_BUDGET_MS / SECOND} s`,
          {
            command: 'smartfhir local logs',
          },
        );
      }
      await clock.sleep(POLL_MS, options.signal);
    }
  } catch (error) {
    if (ended === undefined && child.pid !== undefined) process.kill(child.pid, 'SIGTERM');
    throw error;
  }
}

/** The child printed its failure document; it becomes this process's failure. */
async function failureOf(folder: StateFolder, ended: string): Promise<SmartfhirError> {
  const text = await readFile(folder.start, 'utf8').catch(() => '');
  const error = errorIn(text);
  if (error !== undefined && error.code in ERROR_CODES) {
    return new SmartfhirError(error.code as ErrorCode, error.message, {
      why: error.cause,
      fix: error.fix,
      command: error.command,
    });
  }
  return new SmartfhirError(
    'INTERNAL',
    `the laptop stack did not start: ${ended} ${text.slice(0, QUOTED)}`.trim(),
    {
      command: 'smartfhir local logs',
    },
  );
}

function errorIn(
  text: string,
): { code: string; message: string; cause: string; fix: string; command: string } | undefined {
  try {
    const document = JSON.parse(text) as { error?: Record<string, unknown> };
    const { code, message, cause, fix, command } = document.error ?? {};
    if (typeof code !== 'string' || typeof message !== 'string') return undefined;
    return { code, message, cause: String(cause), fix: String(fix), command: String(command) };
  } catch {
    return undefined;
  }
}

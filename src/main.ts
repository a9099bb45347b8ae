import { run } from './cli.ts';
import { systemClock } from './core/clock.ts';
import { asSmartfhirError } from './core/errors.ts';
import type { ExitCode } from './core/exit-codes.ts';
import { processIo, Stop } from './core/io.ts';

/** Two presses of Ctrl-C closer than this are one (milliseconds): terminals and wrappers send it twice. */
const DEBOUNCE_MS = 100;

/**
 * The process's own run: signals become a Stop, a second Ctrl-C ends at once. Answers the exit code.
 *
 * @param exit ends the process; only the bin may do that
 */
export async function main(argv: readonly string[], exit: (code: number) => void): Promise<ExitCode> {
  const controller = new AbortController();
  let last = 0;
  const onSignal = (kind: 'interrupt' | 'terminate') => (): void => {
    const now = Date.now();
    if (controller.signal.aborted && now - last > DEBOUNCE_MS) exit(kind === 'interrupt' ? 130 : 143);
    last = now;
    controller.abort(new Stop(kind));
  };
  process.on('SIGINT', onSignal('interrupt'));
  process.on('SIGTERM', onSignal('terminate'));
  // A reader that closes the pipe early (head, less) is no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return exit(0);
    const refusal = asSmartfhirError(error);
    process.stderr.write(`✗ ${refusal.code}  the output could not be written: ${error.message}\n`);
    exit(refusal.exitCode);
  });
  // Nobody is left to be told.
  process.stderr.on('error', () => undefined);
  const code = await run(argv, { ...processIo(systemClock), interrupted: controller.signal });
  await flush(process.stdout);
  return code;
}

function flush(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve());
  });
}

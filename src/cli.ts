import type { CommandContext } from './core/command.ts';
import { SmartfhirError } from './core/errors.ts';
import { ExitCode } from './core/exit-codes.ts';
import type { Io } from './core/io.ts';
import { overview } from './overview.ts';

/**
 * Runs one command line.
 *
 * @param argv the words after `smartfhir`
 * @returns the exit code; never throws and never ends the process
 */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  const [word, ...more] = argv;
  if (more.length === 0 && (word === undefined || /^(--help|-h|help)$/.test(word))) {
    // Nobody who types the bare name made a mistake, but a script that does has done nothing.
    (word === undefined ? io.stderr : io.stdout).write(overview(io.stdout.columns ?? 80));
    return word === undefined ? ExitCode.usage : ExitCode.ok;
  }
  return runCommand(argv, io);
}

async function runCommand(argv: readonly string[], io: Io): Promise<ExitCode> {
  const { createProgram } = await import('./program.ts');
  let context: CommandContext | undefined;
  let outcome: ExitCode = ExitCode.internal;
  const program = createProgram(io, async (command, input, globals) => {
    const { findPackageVersion } = await import('./core/assets.ts');
    const { createContext } = await import('./context.ts');
    context = createContext(io, globals, findPackageVersion());
    outcome = await untilStopped(command.run(input, context), context.signal);
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return context === undefined ? ExitCode.ok : outcome;
  } catch (error) {
    const { isParserError, reportFailure } = await import('./failure.ts');
    if (isParserError(error) && error.exitCode === 0) return ExitCode.ok;
    return reportFailure(error, argv, io, context);
  }
}

/** A command may still tidy up after a stop, for this long in milliseconds; then the run ends without it. */
const TIDY_UP_MS = 3000;

async function untilStopped(work: Promise<ExitCode>, signal: AbortSignal): Promise<ExitCode> {
  let timer: NodeJS.Timeout | undefined;
  const stopped = new Promise<never>((_, reject) => {
    const stop = (): void => {
      timer = setTimeout(() => reject(signal.reason), TIDY_UP_MS);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, stopped]);
  } catch (error) {
    // Whatever a stopped command throws, the stop is the reason.
    throw signal.aborted && !(error instanceof SmartfhirError) ? signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

import { spawn } from 'node:child_process';
import { constants } from 'node:os';
import { SmartfhirError } from '../core/errors.ts';

export interface ProgramOptions {
  readonly program: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly signal: AbortSignal;
}

/** Runs a program on this process's own terminal. Answers its exit code; 128 + n when signal n ended it. */
export function runProgram(options: ProgramOptions): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn(options.program, [...options.args], {
      cwd: options.cwd,
      env: options.env as NodeJS.ProcessEnv,
      stdio: 'inherit',
    });
    const stop = (): void => void child.kill('SIGTERM');
    options.signal.addEventListener('abort', stop, { once: true });
    child.on('error', (cause) => {
      reject(
        new SmartfhirError('USAGE', `cannot run ${options.program}: ${cause.message}`, {
          cause,
          why: 'the system found no such program, or may not run it',
          fix: 'name an installed program after --',
          command: 'smartfhir local exec --help',
        }),
      );
    });
    child.on('exit', (code, signal) => {
      options.signal.removeEventListener('abort', stop);
      resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal]));
    });
  });
}

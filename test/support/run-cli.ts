import { PassThrough } from 'node:stream';
import { run } from '../../src/cli.ts';
import { type Clock, systemClock } from '../../src/core/clock.ts';

export interface CliRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** stdout as JSON. */
  json<T = Record<string, unknown>>(): T;
}

export interface CliOptions {
  readonly cwd?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly clock?: Clock;
  readonly interrupted?: AbortSignal;
  readonly tty?: boolean;
}

/** Runs the real command line in this process; no environment variable of the machine gets in. */
export async function runCli(argv: readonly string[], options: CliOptions = {}): Promise<CliRun> {
  const [stdin, stdout, stderr] = [new PassThrough(), collector(), collector()];
  stdin.end();
  if (options.tty === true) Object.assign(stdout.stream, { isTTY: true, columns: 100 });
  const code = await run(argv, {
    env: options.env ?? {},
    cwd: options.cwd ?? process.cwd(),
    stdin,
    stdout: stdout.stream,
    stderr: stderr.stream,
    clock: options.clock ?? systemClock,
    ...(options.interrupted === undefined ? {} : { interrupted: options.interrupted }),
  });
  const text = stdout.text();
  return { code, stdout: text, stderr: stderr.text(), json: <T>() => JSON.parse(text) as T };
}

function collector(): { stream: PassThrough; text(): string } {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  return { stream, text: () => Buffer.concat(chunks).toString() };
}

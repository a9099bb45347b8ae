import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { packageRoot } from '../../src/core/assets.ts';

const BIN = join(packageRoot(), 'bin', 'smartfhir.js');

export interface BinRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningBin {
  readonly ended: Promise<BinRun>;
  /** The first match on stderr, as soon as it is there. @throws when the program ends without */
  waitFor(pattern: RegExp): Promise<string>;
}

/** The real bin in a process of its own, with no variable of this machine but PATH and HOME. */
export function startBin(cwd: string, args: readonly string[]): RunningBin {
  const child = spawn(process.execPath, [BIN, ...args], {
    cwd,
    env: { PATH: process.env['PATH'], HOME: cwd },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  const watchers = new Set<() => void>();
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString();
    for (const watcher of watchers) watcher();
  });
  const ended = new Promise<BinRun>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
  });
  const waitFor = (pattern: RegExp): Promise<string> =>
    new Promise((resolve, reject) => {
      const look = (): void => {
        const found = pattern.exec(stderr);
        if (found !== null) resolve(found[1] ?? found[0]);
      };
      watchers.add(look);
      look();
      void ended.then(
        (run) => reject(new Error(`ended with ${run.code}: ${run.stderr}${run.stdout}`)),
        reject,
      );
    });
  return { ended, waitFor };
}

export function runBin(cwd: string, ...args: string[]): Promise<BinRun> {
  return startBin(cwd, args).ended;
}

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { link, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { SmartfhirError } from '../core/errors.ts';
import { privateFolder } from '../core/files.ts';

/** Files of one laptop stack. */
export interface StateFolder {
  readonly path: string;
  readonly database: string;
  readonly ports: string;
  /** What clients need to reach the running stack, secret included (0600). */
  readonly access: string;
  readonly owner: string;
  readonly log: string;
  /** What the detached process printed before it was ready. */
  readonly start: string;
}

/** `.smartfhir/local` of a project. */
export function stateFolder(project: string): StateFolder {
  const path = join(project, '.smartfhir', 'local');
  return {
    path,
    database: join(path, 'cloud.db'),
    ports: join(path, 'ports.json'),
    access: join(path, 'deployer.json'),
    owner: join(path, 'owner.json'),
    log: join(path, 'stack.log'),
    start: join(path, 'start.json'),
  };
}

export async function openStateFolder(folder: StateFolder): Promise<void> {
  await privateFolder(dirname(folder.path));
  await privateFolder(folder.path);
}

/** The process that works on a state folder: a pid alone may have been given to another process since. */
const ownerFile = z.object({ pid: z.number().int().positive(), startedAt: z.string() });

export type Owner = z.infer<typeof ownerFile>;

/** The live owner, or undefined when there is none or its process is gone. */
export async function liveOwner(folder: StateFolder): Promise<Owner | undefined> {
  const text = await readFile(folder.owner, 'utf8').catch((error: NodeJS.ErrnoException) => {
    // Another user's stack is not "no stack".
    if (error.code === 'EACCES') throw error;
  });
  if (text === undefined) return undefined;
  const owner = ownerFile.safeParse(parsed(text)).data;
  return owner !== undefined && processStart(owner.pid) === owner.startedAt ? owner : undefined;
}

/**
 * Makes this process the owner.
 *
 * @throws SmartfhirError `LOCKED` naming the process that is it already
 */
export async function claim(folder: StateFolder): Promise<Owner> {
  const me: Owner = { pid: process.pid, startedAt: processStart(process.pid) ?? '' };
  for (let attempt = 0; ; attempt += 1) {
    if (await placeWhole(folder.owner, JSON.stringify(me))) return me;
    const other = await liveOwner(folder);
    if (other !== undefined || attempt > 0) {
      throw new SmartfhirError(
        'LOCKED',
        `process ${other?.pid ?? '?'} already runs the laptop stack of ${folder.path}`,
        {
          why: 'one process owns a state folder',
          fix: 'use the running stack, or stop it first',
          command: 'smartfhir local down',
        },
      );
    }
    await rm(folder.owner, { force: true });
  }
}

/** Puts a file in place with its content, unless there is one: nobody ever sees it half written. */
async function placeWhole(path: string, content: string): Promise<boolean> {
  const temporary = `${path}.${process.pid}`;
  await writeFile(temporary, content, { mode: 0o600 });
  try {
    await link(temporary, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(temporary, { force: true });
  }
}

/** When a process started, in the system's own words; undefined when there is no such process. */
function processStart(pid: number): string | undefined {
  try {
    // The command name may hold spaces and parentheses: fields are counted after its end (proc(5), field 22).
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // A zombie has ended; only its parent has not noticed.
    return fields[0] === 'Z' ? undefined : fields[19];
  } catch {
    if (process.platform === 'linux') return undefined;
  }
  try {
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return text === '' ? undefined : text;
  } catch {
    return undefined;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

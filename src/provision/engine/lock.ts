import { randomBytes } from 'node:crypto';
import { link, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { type Clock, MINUTE, SECOND } from '../../core/clock.ts';
import { SmartfhirError } from '../../core/errors.ts';
import { privateFolder, writeFileAtomic } from '../../core/files.ts';

const HEARTBEAT_MS = 5 * SECOND;
/** A holder on another machine is believed dead after this silence. */
const REMOTE_STALE_MS = 60 * SECOND;
/** So is one on this machine whose pid lives: after so long it is another process with a reused pid. */
const LOCAL_STALE_MS = 10 * MINUTE;
const ATTEMPTS = 3;

interface Holder {
  readonly id: string;
  readonly pid: number;
  readonly host: string;
  readonly command: string;
  /** Milliseconds since the epoch. */
  readonly since: number;
  readonly seen: number;
}

export interface Lock {
  release(): Promise<void>;
}

/**
 * Takes the lock at `path`, or refuses naming its holder. A lock dies with its process: a holder on this machine is
 * looked up by pid, one on another machine by its heartbeat.
 *
 * @throws SmartfhirError `LOCKED`
 */
export async function takeLock(path: string, command: string, clock: Clock): Promise<Lock> {
  await privateFolder(dirname(path));
  const id = randomBytes(8).toString('hex');
  const since = clock.now();
  const holder = (): Holder => ({
    id,
    pid: process.pid,
    host: hostname(),
    command,
    since,
    seen: clock.now(),
  });
  for (let attempt = 1; ; attempt++) {
    try {
      await create(path, holder());
      break;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
      const other = await readHolder(path);
      if (attempt === ATTEMPTS || (other !== undefined && isAlive(other, clock.now())))
        throw locked(other, path);
      await removeStale(path, other);
    }
  }
  return keep(path, id, holder);
}

/** Appears whole or not at all: a rival never reads a half-written lock. Fails with EEXIST when there is one. */
async function create(path: string, holder: Holder): Promise<void> {
  const draft = `${path}.${holder.id}.tmp`;
  await writeFile(draft, JSON.stringify(holder), { mode: 0o600 });
  try {
    await link(draft, path);
  } finally {
    await rm(draft, { force: true });
  }
}

function keep(path: string, id: string, holder: () => Holder): Lock {
  const beat = setInterval(() => {
    void readHolder(path)
      .then((current) => (current?.id === id ? writeFileAtomic(path, JSON.stringify(holder())) : undefined))
      .catch(() => undefined);
  }, HEARTBEAT_MS);
  beat.unref();
  return {
    release: async () => {
      clearInterval(beat);
      if ((await readHolder(path))?.id === id) await rm(path, { force: true });
    },
  };
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    const value: unknown = JSON.parse(await readFile(path, 'utf8'));
    return typeof value === 'object' && value !== null ? (value as Holder) : undefined;
  } catch {
    return undefined;
  }
}

/** Moves the lock away under a name of its own, so that of two rivals only one removes it. */
async function removeStale(path: string, judged: Holder | undefined): Promise<void> {
  const aside = `${path}.${randomBytes(4).toString('hex')}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  const moved = await readHolder(aside);
  if (moved !== undefined && moved.id !== judged?.id) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}

function isAlive(holder: Holder, now: number): boolean {
  const silentMs = now - holder.seen;
  if (holder.host !== hostname()) return silentMs < REMOTE_STALE_MS;
  if (silentMs > LOCAL_STALE_MS) return false;
  try {
    process.kill(holder.pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

function locked(holder: Holder | undefined, path: string): SmartfhirError {
  const who =
    holder === undefined
      ? 'a process that cannot be named'
      : `"${holder.command}", process ${holder.pid} on ${holder.host}, since ${new Date(holder.since).toISOString()}`;
  return new SmartfhirError('LOCKED', `locked by ${who}`, {
    fix: 'wait for it to end, or stop that process; the lock ends with it',
    why: `the lock is ${path}`,
  });
}

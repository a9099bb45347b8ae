import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { choosePorts, originsOf } from '../../src/local/ports.ts';
import { type RunningStack, startStack } from '../../src/local/stack.ts';
import { openStateFolder, stateFolder } from '../../src/local/state-folder.ts';

/** A provisioned laptop stack behind real sockets, owned by this process. */
export interface SocketStack extends RunningStack {
  /** The folder in which commands find it. */
  readonly project: string;
}

/** Starts the snapshot's stack on ports of its own, as if it had been provisioned there. */
export async function startSocketStack(snapshot: string): Promise<SocketStack> {
  const project = await mkdtemp(join(tmpdir(), 'smartfhir-sockets-'));
  const folder = stateFolder(project);
  await openStateFolder(folder);
  await copyFile(snapshot, folder.database);
  moveOrigins(folder.database, originsOf(await choosePorts(folder.ports, undefined)));
  const stack = await startStack({ folder });
  const close = async (): Promise<void> => {
    await stack.close();
    await rm(project, { recursive: true, force: true });
  };
  return { ...stack, project, close };
}

/** The origins that the snapshot was provisioned with, see `createCloud`. */
const SNAPSHOT = {
  gateway: 'http://localhost:8610',
  login: 'http://127.0.0.1:8611',
  functions: 'http://localhost:8612',
} as const;

function moveOrigins(database: string, origins: Readonly<Record<keyof typeof SNAPSHOT, string>>): void {
  const db = new DatabaseSync(database);
  for (const name of ['gateway', 'login', 'functions'] as const)
    db.prepare('UPDATE docs SET v = replace(v, ?, ?)').run(SNAPSHOT[name], origins[name]);
  db.close();
}

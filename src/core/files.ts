import { randomBytes } from 'node:crypto';
import { chmod, mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SmartfhirError } from './errors.ts';

/**
 * Creates a folder and its parents. Node's own `recursive` never ends where the file system says ENOENT to every new
 * folder, as /proc does.
 *
 * @throws SmartfhirError `FILE_UNUSABLE` there; the file system's own error in other cases
 */
export async function makeFolder(path: string, mode = 0o777): Promise<void> {
  if (await isFolder(path)) return;
  const parent = dirname(path);
  if (parent !== path) await makeFolder(parent, mode);
  try {
    await mkdir(path, { mode });
  } catch (error) {
    if (await isFolder(path)) return;
    if (!isErrno(error, 'ENOENT')) throw error;
    throw new SmartfhirError('FILE_UNUSABLE', `${path}: no folder can be made there`, { cause: error });
  }
}

async function isFolder(path: string): Promise<boolean> {
  return await stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

/** Creates a folder that only its owner may enter (0700), parents included. */
export async function privateFolder(path: string): Promise<string> {
  await makeFolder(path, 0o700);
  await chmod(path, 0o700);
  return path;
}

/** Writes a file whole or not at all: a temporary neighbour, then a rename. Mode 0600 unless told otherwise. */
export async function writeFileAtomic(
  path: string,
  content: string | Uint8Array,
  mode = 0o600,
): Promise<void> {
  await makeFolder(dirname(path));
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`;
  try {
    await writeFile(temporary, content, { mode, flag: 'wx' });
    await rename(temporary, path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

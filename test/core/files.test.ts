import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeFolder, privateFolder, writeFileAtomic } from '../../src/core/files.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'smartfhir-files-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const modeOf = async (path: string): Promise<number> => (await stat(path)).mode & 0o777;

describe('writing a file', () => {
  test('makes its folders and is readable by the owner only', async () => {
    const path = join(folder, 'a', 'b', 'secret.json');
    await writeFileAtomic(path, '{}');
    expect(await readFile(path, 'utf8')).toBe('{}');
    expect(await modeOf(path)).toBe(0o600);
  });

  test('replaces the whole content and the mode of an earlier file', async () => {
    const path = join(folder, 'x');
    await writeFile(path, 'a long earlier content', { mode: 0o666 });
    await writeFileAtomic(path, new Uint8Array([1, 2]));
    expect([...(await readFile(path))]).toEqual([1, 2]);
    expect(await modeOf(path)).toBe(0o600);
    await writeFileAtomic(path, 'open', 0o644);
    expect(await modeOf(path)).toBe(0o644);
  });

  test('leaves the old file and no draft behind when it cannot be done', async () => {
    const path = join(folder, 'taken');
    await mkdir(join(path, 'inside'), { recursive: true });
    await expect(writeFileAtomic(path, 'x')).rejects.toThrow();
    expect(await readdir(folder)).toEqual(['taken']);
    expect(await readdir(path)).toEqual(['inside']);
  });

  test('two at once leave one of the two, whole', async () => {
    const path = join(folder, 'raced');
    const contents = Array.from({ length: 8 }, (_, n) => String(n).repeat(10_000));
    await Promise.all(contents.map((content) => writeFileAtomic(path, content)));
    expect(contents).toContain(await readFile(path, 'utf8'));
    expect(await readdir(folder)).toEqual(['raced']);
  });
});

describe('making a folder', () => {
  test('makes its parents, more than one caller at once', async () => {
    const path = join(folder, 'a', 'b', 'c');
    await Promise.all([makeFolder(path), makeFolder(path), makeFolder(join(path, 'd'))]);
    expect((await stat(join(path, 'd'))).isDirectory()).toBe(true);
    await makeFolder('/');
  });

  test('follows a link to a folder', async () => {
    await symlink(folder, join(folder, 'link'));
    await makeFolder(join(folder, 'link'));
    await makeFolder(join(folder, 'link', 'new'));
    expect((await stat(join(folder, 'new'))).isDirectory()).toBe(true);
  });

  test('ends with the error where a file is in the way', async () => {
    await writeFile(join(folder, 'file'), '');
    await expect(makeFolder(join(folder, 'file'))).rejects.toMatchObject({ code: 'EEXIST' });
    await expect(makeFolder(join(folder, 'file', 'a', 'b'))).rejects.toMatchObject({ code: 'EEXIST' });
  });

  test.runIf(existsSync('/proc/self'))('ends with the error where none can be made', async () => {
    await expect(makeFolder('/proc/smartfhir/a/b')).rejects.toMatchObject({ code: 'FILE_UNUSABLE' });
    await expect(writeFileAtomic('/proc/smartfhir/a/result.json', 'x')).rejects.toMatchObject({
      code: 'FILE_UNUSABLE',
    });
  });
});

test('a private folder is closed to others, also one that was open', async () => {
  const fresh = join(folder, 'one', 'two');
  expect(await privateFolder(fresh)).toBe(fresh);
  expect(await modeOf(fresh)).toBe(0o700);
  const open = join(folder, 'open');
  await mkdir(open, { mode: 0o755 });
  await privateFolder(open);
  expect(await modeOf(open)).toBe(0o700);
});

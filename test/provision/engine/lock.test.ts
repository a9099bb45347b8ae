import { mkdtemp, readdir, readFile, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { HOUR, manualClock } from '../../../src/core/clock.ts';
import { openJournal, pendingWork } from '../../../src/provision/engine/journal.ts';
import { takeLock } from '../../../src/provision/engine/lock.ts';

const NOW = Date.UTC(2026, 10, 24);
const DEAD_PID = 2 ** 22 + 1;

async function place(): Promise<string> {
  return join(await mkdtemp(join(tmpdir(), 'smartfhir-lock-')), 'deep', 'dev.lock');
}

test('a held lock is refused with exit code 8 and its holder; released, it is free', async () => {
  const path = await place();
  const lock = await takeLock(path, 'apply', manualClock(NOW));
  const refusal = takeLock(path, 'apply', manualClock(NOW));
  await expect(refusal).rejects.toMatchObject({ code: 'LOCKED', exitCode: 8 });
  await expect(refusal).rejects.toThrow(new RegExp(`process ${process.pid} on ${hostname()}`));
  await lock.release();
  await (await takeLock(path, 'apply', manualClock(NOW))).release();
  expect(await readdir(join(path, '..'))).toEqual([]);
});

test('the lock of a dead process is taken over; of a silent one on another machine too, after a minute', async () => {
  const path = await place();
  const mine = await takeLock(path, 'apply', manualClock(NOW));
  const held = JSON.parse(await readFile(path, 'utf8')) as Record<string, unknown>;
  const pretend = (more: object): Promise<void> =>
    writeFile(path, JSON.stringify({ ...held, id: 'other', ...more }));
  await pretend({ pid: DEAD_PID });
  await mine.release();
  await (await takeLock(path, 'apply', manualClock(NOW))).release();
  await pretend({ host: 'elsewhere', pid: DEAD_PID });
  await expect(takeLock(path, 'apply', manualClock(NOW))).rejects.toMatchObject({ code: 'LOCKED' });
  await (await takeLock(path, 'apply', manualClock(NOW + HOUR))).release();
});

test('of many at once exactly one gets it', async () => {
  const path = await place();
  await (await takeLock(path, 'apply', manualClock(NOW))).release();
  await writeFile(
    path,
    JSON.stringify({ id: 'x', pid: DEAD_PID, host: hostname(), command: 'apply', since: NOW, seen: NOW }),
  );
  const attempts = await Promise.allSettled(
    Array.from({ length: 8 }, () => takeLock(path, 'apply', manualClock(NOW))),
  );
  const got = attempts.filter((attempt) => attempt.status === 'fulfilled');
  expect(got).toHaveLength(1);
  for (const lock of got) await lock.value.release();
});

test('the journal is a file of lines; a torn last line and finished work are not pending', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'smartfhir-journal-'));
  expect(await pendingWork(join(folder, 'none'))).toEqual([]);
  const journal = await openJournal(folder, 'apply', manualClock(NOW));
  await journal.write({ kind: 'intent', id: 'a', action: 'create' });
  await journal.write({ kind: 'outcome', id: 'a', outcome: 'done' });
  await journal.write({ kind: 'intent', id: 'b', action: 'create' });
  await journal.write({ kind: 'operation', id: 'b', url: 'https://arm/op/1' });
  await journal.close();
  const [name] = await readdir(folder);
  await writeFile(join(folder, name!), '{"kind":"intent","id":"c', { flag: 'a' });
  expect(await pendingWork(folder)).toEqual([
    { id: 'b', action: 'create', operationUrl: 'https://arm/op/1' },
  ]);
});

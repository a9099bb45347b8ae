import { mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { manualClock, scaledClock } from '../../src/core/clock.ts';
import { flagOption, listOption, portOption, textOption } from '../../src/core/command.ts';
import { ERROR_CODES } from '../../src/core/error-codes.ts';
import { asSmartfhirError, errorDocument, messageOf, SmartfhirError } from '../../src/core/errors.ts';
import { Stop } from '../../src/core/io.ts';
import { summarise } from '../../src/core/result.ts';

describe('an error for people', () => {
  test('takes from its code what it does not say itself', () => {
    const plain = new SmartfhirError('UNREACHABLE', 'no answer');
    const entry = ERROR_CODES.UNREACHABLE;
    expect(plain).toMatchObject({ exitCode: 5, why: entry.cause, fix: entry.fix, command: entry.command });
    const cause = new Error('below');
    const own = new SmartfhirError('UNREACHABLE', 'no answer', { why: 'w', fix: 'f', command: 'c', cause });
    expect(own).toMatchObject({ exitCode: 5, why: 'w', fix: 'f', command: 'c', cause });
  });

  test('is a document with five members', () => {
    const detail = { why: 'w', fix: 'f', command: 'c', cause: new Error('not shown') };
    expect(errorDocument(new SmartfhirError('LOCKED', 'busy', detail))).toEqual({
      schema: 'smartfhir/error/v1',
      exitCode: 8,
      error: { code: 'LOCKED', message: 'busy', cause: 'w', fix: 'f', command: 'c' },
    });
  });
});

describe('whatever was thrown', () => {
  test('is itself when it is one of ours', () => {
    const own = new SmartfhirError('LOCKED', 'busy');
    expect(asSmartfhirError(own)).toBe(own);
  });

  test('by the file system names the path and what was refused', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'smartfhir-errors-'));
    const directory = await readFile(folder).catch((error: unknown) => error);
    expect(asSmartfhirError(directory)).toMatchObject({
      code: 'FILE_UNUSABLE',
      exitCode: 5,
      message: expect.stringContaining('it is a folder'),
    });
    await writeFile(join(folder, 'file'), '');
    const below = await readFile(join(folder, 'file', 'x')).catch((error: unknown) => error);
    expect(asSmartfhirError(below)).toMatchObject({
      code: 'FILE_UNUSABLE',
      message: `${join(folder, 'file', 'x')}: a part of the path is no folder`,
    });
  });

  test.each([
    ['an error that nobody foresaw', new TypeError('x is undefined'), 'x is undefined'],
    ['a network error', Object.assign(new Error('boom'), { code: 'ECONNRESET', syscall: 'read' }), 'boom'],
    ['a text', 'just text', 'just text'],
    ['null', null, 'null'],
  ])('is internal when it is %s', (_, thrown, message) => {
    expect(asSmartfhirError(thrown)).toMatchObject({ code: 'INTERNAL', exitCode: 1, message, cause: thrown });
    expect(messageOf(thrown)).toBe(message);
  });
});

describe('options of a command', () => {
  const input = (options: Record<string, string | readonly string[] | boolean>) => ({ args: [], options });

  test('are of the kind that was asked for, or absent', () => {
    const given = input({ text: 'a', list: ['b', 'c'], flag: true, off: false });
    expect([textOption(given, 'text'), textOption(given, 'list'), textOption(given, 'none')]).toEqual([
      'a',
      undefined,
      undefined,
    ]);
    expect([listOption(given, 'list'), listOption(given, 'text')]).toEqual([['b', 'c'], []]);
    expect([flagOption(given, 'flag'), flagOption(given, 'off'), flagOption(given, 'text')]).toEqual([
      true,
      false,
      false,
    ]);
  });

  test.each(['1', '8620', '65535'])('port %s', (port) => {
    expect(portOption(input({ callbackPort: port }), 'callbackPort')).toBe(Number(port));
  });

  test.each(['0', '65536', '99999', '-1', '80a', '', '1e3', ' 80'])('%j is no port', (port) => {
    expect(() => portOption(input({ callbackPort: port }), 'callbackPort')).toThrow(
      expect.objectContaining({ code: 'USAGE', message: `--callback-port "${port}" is no port` }),
    );
  });

  test('no port is no port', () => {
    expect(portOption(input({}), 'callbackPort')).toBeUndefined();
  });
});

describe('clocks', () => {
  test('a manual clock stands still until somebody sleeps or moves it', async () => {
    const clock = manualClock(1000);
    expect(clock.now()).toBe(1000);
    await clock.sleep(500);
    clock.advance(1);
    expect(clock.now()).toBe(1501);
    await expect(clock.sleep(5, AbortSignal.abort(new Error('stop')))).rejects.toThrow('stop');
    expect(clock.now()).toBe(1501);
  });

  test('a scaled clock shortens waits, never the time of day', async () => {
    const base = manualClock(0);
    const clock = scaledClock(0.01, base);
    await clock.sleep(10_000);
    expect([base.now(), clock.now()]).toEqual([100, 100]);
  });
});

test.each([
  ['timeout', 'the time budget is spent'],
  ['interrupt', 'stopped by interrupt'],
  ['terminate', 'stopped by terminate'],
] as const)('a stop by %s says so', (kind, message) => {
  expect(new Stop(kind)).toMatchObject({ kind, message, name: 'Stop' });
});

test('a summary counts every outcome, and zero where there is none', () => {
  const outcomes = ['pass', 'pass', 'fail', 'skip', 'error'] as const;
  expect(summarise(outcomes.map((outcome) => ({ outcome })))).toEqual({
    total: 5,
    pass: 2,
    fail: 1,
    warn: 0,
    skip: 1,
    na: 0,
    waived: 0,
    error: 1,
    manual: 0,
  });
});

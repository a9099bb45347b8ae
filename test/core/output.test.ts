import { PassThrough } from 'node:stream';
import { describe, expect, test } from 'vitest';
import { systemClock } from '../../src/core/clock.ts';
import type { Io } from '../../src/core/io.ts';
import { createOutput, type Output, type OutputOptions } from '../../src/core/output.ts';
import { oneLine, terminalJson, terminalText } from '../../src/core/terminal-text.ts';

function output(options: Partial<OutputOptions> = {}, columns?: number) {
  const streams = { stdout: new PassThrough(), stderr: new PassThrough() };
  if (columns !== undefined) Object.assign(streams.stdout, { isTTY: true, columns });
  const io: Io = { env: {}, cwd: '/', stdin: new PassThrough(), clock: systemClock, ...streams };
  const read = (stream: PassThrough): string => String(stream.read() ?? '');
  const made: Output = createOutput(io, {
    format: 'plain',
    quiet: false,
    verbose: 0,
    color: 'auto',
    ...options,
  });
  return { made, stderr: streams.stderr, out: () => read(streams.stdout), err: () => read(streams.stderr) };
}

describe('what a command says', () => {
  test('for people goes to stdout as text, and news of the run to stderr', () => {
    const { made, out, err } = output();
    made.result({ a: 1 }, () => 'the result');
    made.line('a line');
    made.line();
    made.progress('working');
    made.notice('mind this');
    made.debug('details');
    expect(out()).toBe('the result\na line\n\n');
    expect(err()).toBe('working\nmind this\n');
  });

  test('under -o json is the document alone, and its text is never rendered', () => {
    const { made, out } = output({ format: 'json', color: 'always' });
    made.result({ a: 'b' }, () => {
      throw new Error('rendered');
    });
    made.line('nobody sees this');
    expect(out()).toBe('{\n  "a": "b"\n}\n');
    expect(made.style.red('x')).toBe('x');
  });

  test('--quiet silences progress, not notices; -v adds details', () => {
    const quiet = output({ quiet: true });
    quiet.made.progress('working');
    quiet.made.notice('mind this');
    expect(quiet.err()).toBe('mind this\n');
    const verbose = output({ verbose: 1 });
    verbose.made.debug('details');
    expect(verbose.err()).toBe('details\n');
  });

  test('a wait is one line where nobody watches, and hands on what it waited for', async () => {
    const { made, err } = output({ format: 'tty' });
    expect(await made.wait('starting', async () => 7)).toBe(7);
    expect(err()).toBe('starting\n');
    const unsized = output({ format: 'tty' });
    Object.assign(unsized.stderr, { isTTY: true, columns: 0 });
    expect([await unsized.made.wait('starting', async () => 7), unsized.err()]).toEqual([7, 'starting\n']);
    const quiet = output({ quiet: true });
    await expect(quiet.made.wait('starting', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    expect(quiet.err()).toBe('');
  });

  test('a wait on a terminal turns, and leaves the cursor as it was, however it ends', async () => {
    const { made, err, stderr } = output({ format: 'tty' });
    const cursor = { cursorTo: () => true, clearLine: () => true, moveCursor: () => true };
    Object.assign(stderr, { isTTY: true, ...cursor });
    await expect(made.wait('starting', () => Promise.reject(new Error('no')))).rejects.toThrow('no');
    const shown = err();
    expect([shown.slice(0, 6), shown.slice(-6)]).toEqual(['\u001b[?25l', '\u001b[?25h']);
    expect(shown).toContain('starting');
  });

  test('knows the width of the terminal; a pipe has none', () => {
    expect(output({}, 120).made.width).toBe(120);
    expect(output().made.width).toBe(Number.POSITIVE_INFINITY);
  });

  test('keeps its own colours and shows everybody else’s escapes', () => {
    const { made, out } = output({ color: 'always' });
    made.line(`${made.style.red('own')} \u001b]0;title\u0007 \u001b[2J`);
    expect(out()).toBe('\u001b[31mown\u001b[39m \\u001b]0;title\\u0007 \\u001b[2J\n');
  });

  test('cannot be made to recolour by a server when colour is off', () => {
    const { made, out, err } = output();
    made.line('\u001b[31mred');
    made.notice('\u001b[31mred');
    expect([out(), err()]).toEqual(['\\u001b[31mred\n', '\\u001b[31mred\n']);
  });
});

describe('text of others on a terminal', () => {
  test.each([
    ['a carriage return that overwrites', 'ok\rbad', 'ok\\u000dbad'],
    ['a backspace', 'a\bb', 'a\\u0008b'],
    ['DEL and C1 control sequences', '\u007f\u009b2J', '\\u007f\\u009b2J'],
    ['a right-to-left override', 'exe.\u202etxt', 'exe.\\u202etxt'],
    ['an isolate', '\u2066x\u2069', '\\u2066x\\u2069'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
    ['a byte order mark', '\ufeffa', '\\ufeffa'],
    ['tab and newline, which are harmless', 'a\tb\nc', 'a\tb\nc'],
    ['letters of any language', 'größe 日本 😀', 'größe 日本 😀'],
  ])('%s', (_, text, expected) => {
    expect(terminalText(text)).toBe(expected);
  });

  test('in one line has no breaks', () => {
    expect(oneLine('a \r\n  b\n\nc')).toBe('a b c');
  });

  test('in JSON is the same value, whatever it holds', () => {
    const value = { text: '\u202e\u007f\u2028 "quoted" \\ \n' };
    const json = terminalJson(JSON.stringify(value, null, 2));
    expect(JSON.parse(json)).toEqual(value);
    expect(json).not.toMatch(/[\u007f\u2028\u202e]/);
  });
});

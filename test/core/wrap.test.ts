import { expect, test } from 'vitest';
import { clip, wrap } from '../../src/core/wrap.ts';

test('breaks between words and hangs what follows under the text', () => {
  expect(wrap('  fix    name one of the clients', 20, 9)).toBe('  fix    name one of\n         the clients');
});

test('keeps the space within a line that fits, and every line where there is no limit', () => {
  expect(wrap('a  b   c', 80, 2)).toBe('a  b   c');
  expect(wrap('word '.repeat(90).trim(), Number.POSITIVE_INFINITY, 2)).not.toContain('\n');
});

test('never cuts a word: a URL stays one that can be copied', () => {
  const url = `http://localhost/${'x'.repeat(60)}`;
  expect(wrap(`see ${url} there`, 30, 4)).toBe(`see\n    ${url}\n    there`);
});

test('what is clipped says so', () => {
  expect(clip('abcdef', 4)).toBe('abc…');
  expect(clip('abcd', 4)).toBe('abcd');
});

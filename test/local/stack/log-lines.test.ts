import { describe, expect, test } from 'vitest';
import { parseLogLine, renderLogLine } from '../../../src/local/log-lines.ts';

describe('lines of the log', () => {
  test.each<[string, string, string]>([
    [
      'a request',
      '{"at":"2026-11-24T12:03:44.000Z","standIn":"arm","method":"PUT","host":"management.azure.com","path":"/x","status":201,"ms":14}',
      '12:03:44 arm        PUT 201 management.azure.com/x 14 ms',
    ],
    [
      'a request that failed',
      '{"at":"2026-11-24T12:03:44.000Z","standIn":"router","method":"GET","host":"a.example","path":"/","status":null,"ms":0,"error":"unknown host"}',
      '12:03:44 router     GET ✗ unknown host a.example/ 0 ms',
    ],
    [
      'an entry',
      '{"at":"2026-11-24T12:03:44.000Z","standIn":"graph","level":"warn","text":"refused"}',
      '12:03:44 graph      warn: refused',
    ],
    ['what Node wrote', '(node:1) Warning: x', '                    error: (node:1) Warning: x'],
    ['JSON that is no line', '42', '                    error: 42'],
    ['null', 'null', '                    error: null'],
    ['a line cut short', '{"at":"2026', '                    error: {"at":"2026'],
  ])('%s', (_, line, expected) => {
    expect(renderLogLine(parseLogLine(line))).toBe(expected);
  });
});

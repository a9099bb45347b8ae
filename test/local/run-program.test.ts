import { expect, test } from 'vitest';
import { runProgram } from '../../src/local/run-program.ts';

test('a program that is not there is named, with the next command', async () => {
  const run = runProgram({
    program: 'no-such-program-here',
    args: [],
    cwd: process.cwd(),
    env: {},
    signal: new AbortController().signal,
  });
  await expect(run).rejects.toMatchObject({
    code: 'USAGE',
    message: expect.stringContaining('no-such-program-here'),
    why: expect.stringContaining('no such program'),
    command: 'smartfhir local exec --help',
  });
});

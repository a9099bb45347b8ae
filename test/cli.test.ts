import { describe, expect, test } from 'vitest';
import { commands } from '../src/commands/index.ts';
import { ERROR_CODES } from '../src/core/error-codes.ts';
import { runCli } from './support/run-cli.ts';

describe('the command line', () => {
  test('--help lists every command group, on stdout, with exit 0', async () => {
    const { code, stdout, stderr } = await runCli(['--help']);
    expect(code).toBe(0);
    expect(stderr).toBe('');
    for (const group of new Set(commands.map(({ path }) => path[0]!)))
      expect(stdout).toContain(`\n  ${group}`);
  });

  test.each(commands.map((command) => [command.path.join(' '), command] as const))(
    '%s --help says what it touches',
    async (_name, command) => {
      const { code, stdout } = await runCli([...command.path, '--help']);
      expect(code).toBe(0);
      expect(stdout).toContain('Network: ');
      expect(stdout).toContain('Writes: ');
    },
  );

  test('the bare name shows the commands, on stderr: a script that lost its words must not succeed', async () => {
    const { code, stdout, stderr } = await runCli([]);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^Usage: smartfhir[\s\S]*\n {2}doctor [\s\S]*Start here:/);
  });

  test('a group without a command names its commands', async () => {
    const { code, stderr } = await runCli(['-v', 'local']);
    expect(code).toBe(2);
    expect(stderr).toMatch(/cause .*up, status, .*down[\s\S]*next {3}smartfhir local --help/);
  });

  test.each([
    [['local', 'up', '--bogus'], 'smartfhir local up --help'],
    [['local', 'pu'], 'smartfhir local --help'],
    [['version', '--bogus'], 'smartfhir version --help'],
    [['--bogus'], 'smartfhir --help'],
  ])('%j points at the help of what was meant', async (argv, next) => {
    expect((await runCli(argv)).stderr).toMatch(new RegExp(`next +${next}\n`));
  });

  test('a command without options of its own has one list of options, the root no list of globals', async () => {
    const own = (await runCli(['local', 'status', '--help'])).stdout;
    expect(own.match(/^[A-Z].*ptions:$/gm)).toEqual(['Global options:']);
    const root = (await runCli(['--help'])).stdout;
    expect(root.match(/^[A-Z].*ptions:$/gm)).toEqual(['Options:']);
  });

  test('an unknown command is a usage error that names the near one', async () => {
    const { code, stdout, stderr } = await runCli(['versoin']);
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toContain('USAGE');
    expect(stderr).toContain('Did you mean version?');
  });

  test.each([
    [['version', '--bogus'], '--bogus'],
    [['version', '--output'], '--output'],
    [['version', '--output', 'xml'], 'xml'],
    [['version', '--timeout', '90'], 'not a duration'],
    [['version', '--color', 'pink'], 'pink'],
  ])('%j is a usage error with cause and next command', async (argv, named) => {
    const { code, stderr } = await runCli(argv);
    expect(code).toBe(2);
    expect(stderr).toContain(named);
    expect(stderr).toMatch(/cause .+\n {2}fix .+\n {2}next .+/);
  });

  test('a failure under -o json is one document on stdout and nothing on stderr', async () => {
    const run = await runCli(['version', '--bogus', '-o', 'json']);
    expect(run.stderr).toBe('');
    expect(run.json()).toMatchObject({ schema: 'smartfhir/error/v1', exitCode: 2, error: { code: 'USAGE' } });
    expect(Object.keys(run.json<{ error: object }>().error)).toEqual([
      'code',
      'message',
      'cause',
      'fix',
      'command',
    ]);
  });

  test('the result under -o json is the only thing on stdout', async () => {
    const run = await runCli(['version', '-o', 'json']);
    expect(run.json()).toHaveProperty('smartfhir');
  });

  test.each([
    ['a pipe', [], {}, false, false],
    ['a terminal', [], {}, true, true],
    ['a terminal with NO_COLOR', [], { NO_COLOR: '1' }, true, false],
    ['a pipe with FORCE_COLOR', [], { FORCE_COLOR: '1' }, false, true],
    ['NO_COLOR over FORCE_COLOR', [], { NO_COLOR: '1', FORCE_COLOR: '1' }, true, false],
    ['--color never over everything', ['--color', 'never'], { FORCE_COLOR: '1' }, true, false],
    ['--color always into a pipe', ['--color', 'always'], {}, false, true],
  ] as const)('colour: %s', async (_name, flags, env, tty, coloured) => {
    const { stdout } = await runCli(['explain', 'USAGE', ...flags], { env, tty });
    expect(stdout.includes('\u001b[')).toBe(coloured);
  });

  test('SMARTFHIR_OUTPUT stands in for the flag, and the flag wins', async () => {
    const env = { SMARTFHIR_OUTPUT: 'json' };
    expect((await runCli(['version'], { env })).stdout).toContain('"smartfhir"');
    expect((await runCli(['version', '-o', 'plain'], { env })).stdout).not.toContain('"smartfhir"');
  });
});

describe('the error codes', () => {
  test('are in alphabetical order, so that an entry is found and added in one place', () => {
    expect(Object.keys(ERROR_CODES)).toEqual(Object.keys(ERROR_CODES).sort());
  });

  test.each(Object.entries(ERROR_CODES))('%s has a cause, a fix and a next command', (_code, entry) => {
    expect(entry.cause.length).toBeGreaterThan(10);
    expect(entry.fix.length).toBeGreaterThan(5);
    expect(entry.command).toMatch(/^(smartfhir|node|npm|az) /);
  });
});

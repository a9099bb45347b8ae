import { mkdir, mkdtemp, readFile, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { run } from '../../src/cli.ts';
import { manualClock } from '../../src/core/clock.ts';
import { NOW } from './laptop.ts';

async function smartfhir(
  cwd: string,
  ...argv: string[]
): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const code = await run(argv, {
    env: {},
    cwd,
    stdin: new PassThrough(),
    stdout,
    stderr,
    clock: manualClock(NOW),
  });
  return { code, out: String(stdout.read() ?? ''), err: String(stderr.read() ?? '') };
}

const folder = (): Promise<string> => mkdtemp(join(tmpdir(), 'smartfhir-commands-'));

test('init --local writes a file that validates, and never over another', async () => {
  const cwd = await folder();
  await mkdir(join(cwd, '.git'));
  await writeFile(join(cwd, '.gitignore'), 'node_modules');
  const first = await smartfhir(cwd, 'init', '--local', '--no-input');
  expect([first.code, first.err]).toEqual([0, '']);
  expect(await readFile(join(cwd, '.gitignore'), 'utf8')).toBe('node_modules\n.smartfhir/\n');
  const written = await readFile(join(cwd, 'smartfhir.yaml'), 'utf8');
  const again = await smartfhir(cwd, 'init', '--local', '--no-input', '-o', 'json');
  expect(again.code).toBe(2);
  expect(JSON.parse(again.out).error.code).toBe('ALREADY_EXISTS');
  expect(await readFile(join(cwd, 'smartfhir.yaml'), 'utf8')).toBe(written);
  const valid = await smartfhir(cwd, 'config', 'validate', '-o', 'json');
  expect(JSON.parse(valid.out)).toMatchObject({ valid: true, environments: ['local'] });
});

test('init for Azure lists every missing value at once, and writes when all are there', async () => {
  const cwd = await folder();
  const missing = await smartfhir(cwd, 'init', '--no-input', '--location', 'eastus2');
  expect(missing.code).toBe(2);
  expect(missing.err).toMatch(/MISSING_INPUT {2}missing: --name, --publisher-email/);
  await expect(readFile(join(cwd, 'smartfhir.yaml'))).rejects.toThrow();
  const all = [
    '--name',
    'claims',
    '--location',
    'eastus2',
    '--publisher-email',
    'ana@contoso.example',
    '-e',
    'dev',
  ];
  const made = await smartfhir(cwd, 'init', '--no-input', ...all);
  expect(made.code).toBe(0);
  const valid = await smartfhir(cwd, 'config', 'validate');
  expect(valid.out).toContain('environments: dev, local');
});

test('init refuses values that would not load, and writes nothing', async () => {
  const cwd = await folder();
  const all = ['--name', 'Not A Name', '--location', 'eastus2', '--publisher-email', 'ana@contoso.example'];
  const refused = await smartfhir(cwd, 'init', '--no-input', ...all);
  expect([refused.code, refused.err]).toEqual([2, expect.stringContaining('CONFIG_INVALID')]);
  await expect(readFile(join(cwd, 'smartfhir.yaml'))).rejects.toThrow();
});

test('a broken file is named with line and column, by every command', async () => {
  const cwd = await folder();
  await writeFile(join(cwd, 'smartfhir.yaml'), 'version: 1\nname: demo\ngatewy: {}\n');
  for (const argv of [
    ['config', 'validate'],
    ['plan'],
    ['apply', '--yes'],
    ['outputs'],
    ['destroy', '--confirm', 'x'],
  ]) {
    const { code, err } = await smartfhir(cwd, ...argv);
    expect([argv[0], code]).toEqual([argv[0], 2]);
    expect(err).toContain('smartfhir.yaml:3:1: unknown key "gatewy"; did you mean "gateway"?');
  }
});

test('a server of others is nothing to provision: the next command judges it', async () => {
  const cwd = await folder();
  const server = 'environments: { theirs: { server: { url: "https://fhir.example.org/r4" } } }\n';
  await writeFile(join(cwd, 'smartfhir.yaml'), `version: 1\nname: demo\n${server}`);
  for (const argv of [['plan'], ['apply', '--yes'], ['outputs'], ['client', 'list']]) {
    const { code, out } = await smartfhir(cwd, ...argv, '-o', 'json');
    expect([argv[0], code]).toEqual([argv[0], 2]);
    expect(JSON.parse(out).error).toMatchObject({
      code: 'NOT_SUPPORTED',
      command: 'smartfhir doctor -e theirs',
    });
  }
});

test('config schema is the committed one', async () => {
  const { code, out } = await smartfhir(await folder(), 'config', 'schema', '-o', 'json');
  expect(code).toBe(0);
  expect(JSON.parse(out)).toHaveProperty('properties.environments');
});

test('without a running laptop stack nothing is planned, applied or shown', async () => {
  const cwd = await folder();
  for (const argv of [
    ['plan'],
    ['apply', '--yes'],
    ['outputs'],
    ['client', 'list'],
    ['destroy', '--confirm', 'local'],
  ]) {
    const { code, out } = await smartfhir(cwd, ...argv, '--local', '-o', 'json');
    expect([argv[0], code]).toEqual([argv[0], 5]);
    expect(JSON.parse(out).error.code).toBe('LOCAL_NOT_RUNNING');
  }
});

test('a file that is no saved plan is refused before anything is asked', async () => {
  const cwd = await folder();
  await writeFile(join(cwd, 'x.plan'), '{"schema":"other"}');
  const { code, err } = await smartfhir(cwd, 'apply', 'x.plan', '--local');
  expect([code, err]).toEqual([2, expect.stringContaining('is not a saved plan')]);
});

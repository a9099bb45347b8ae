import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { localStarterFile } from '../../src/config/starter.ts';
import { type CliRun, runCli } from '../support/run-cli.ts';
import { type SocketStack, startSocketStack } from '../support/socket-stack.ts';

/** Nothing is changed or removed without a clear word; what was approved is what is done. */

let stack: SocketStack;
beforeAll(async () => {
  stack = await startSocketStack(inject('snapshot'));
});
afterAll(() => stack?.close());

const smartfhir = (...argv: string[]): Promise<CliRun> =>
  runCli([...argv, '--local'], { cwd: stack.project });
const errorOf = (run: CliRun): Record<string, unknown> =>
  run.json<{ error: Record<string, unknown> }>().error;

interface PlanJson {
  readonly changes: readonly { readonly id: string; readonly action: string; readonly status?: string }[];
}

const CLIENT = `{ auth: public, launch: standalone, redirectUris: ["http://app.localhost:4569/cb"], scopes: [openid] }`;

/** Runs `work` with one more client in smartfhir.yaml. */
async function withClient(name: string, work: () => Promise<void>): Promise<void> {
  const file = join(stack.project, 'smartfhir.yaml');
  await writeFile(file, `${localStarterFile()}\nclients: { ${name}: ${CLIENT} }\n`);
  try {
    await work();
  } finally {
    await rm(file);
  }
}

describe('apply', () => {
  test('without approval shows the plan, changes nothing and says how to approve', async () => {
    await withClient('unapproved', async () => {
      const run = await smartfhir('apply', '--no-input', '-o', 'json');
      expect(run.code).toBe(2);
      expect(errorOf(run)).toMatchObject({
        code: 'MISSING_INPUT',
        message: 'apply needs an approval',
        command: 'smartfhir apply -e local --yes',
      });
      const shown = await smartfhir('apply', '--no-input');
      expect(shown.stdout + shown.stderr).toContain('+ entra/client/unapproved');
      const { changes } = (await smartfhir('plan', '-o', 'json')).json<PlanJson>();
      expect(changes).toContainEqual(
        expect.objectContaining({ id: 'entra/client/unapproved', action: 'create' }),
      );
    });
  });

  test('of a saved plan needs no other word, does what it says, and is spent then', async () => {
    await withClient('saved', async () => {
      const planned = await smartfhir('plan', '--out', 'local.plan', '--detailed-exitcode');
      expect([planned.code, planned.stderr]).toEqual([6, expect.stringContaining('saved local.plan')]);
      const path = join(stack.project, 'local.plan');
      expect((await stat(path)).mode & 0o077).toBe(0);
      const saved = JSON.parse(await readFile(path, 'utf8')) as PlanJson;
      const run = await smartfhir('apply', 'local.plan', '--no-input', '-o', 'json');
      expect(run.code).toBe(0);
      const { changes } = run.json<PlanJson>();
      expect(changes.map(({ id }) => id)).toEqual(saved.changes.map(({ id }) => id));
      expect(changes.every(({ status }) => status === 'done')).toBe(true);
      const again = await smartfhir('apply', 'local.plan', '--no-input', '-o', 'json');
      expect(errorOf(again)).toMatchObject({ code: 'PLAN_STALE' });
    });
  });

  test('of a plan for another state of smartfhir.yaml is refused', async () => {
    await withClient('first', async () => {
      await smartfhir('plan', '--out', 'first.plan');
    });
    await withClient('second', async () => {
      const run = await smartfhir('apply', 'first.plan', '--no-input', '-o', 'json');
      expect(errorOf(run)).toMatchObject({ code: 'PLAN_STALE' });
    });
  });

  test.each<[string, string]>([
    ['no JSON', '{'],
    ['another document', '{"schema":"smartfhir/check/v1","env":"local"}'],
    ['a plan that was not saved', '{"schema":"smartfhir/plan/v1","env":"local","changes":[]}'],
    ['a fingerprint that is no text', '{"schema":"smartfhir/plan/v1","env":"local","fingerprint":1}'],
    ['no environment', '{"schema":"smartfhir/plan/v1","fingerprint":"x"}'],
    ['null', 'null'],
  ])('of a file with %s is a usage error', async (_, text) => {
    await writeFile(join(stack.project, 'odd.plan'), text);
    const run = await smartfhir('apply', 'odd.plan', '--yes', '-o', 'json');
    expect([run.code, errorOf(run)]).toEqual([
      2,
      expect.objectContaining({ code: 'USAGE', message: 'odd.plan is not a saved plan' }),
    ]);
  });
});

describe('destroy', () => {
  const untouched = async (): Promise<void> => {
    const { clients } = (await smartfhir('outputs', '-o', 'json')).json<{ clients: unknown[] }>();
    expect(clients.length).toBeGreaterThan(5);
  };

  test('--yes is not the typed name', async () => {
    const run = await smartfhir('destroy', '--yes', '--no-input', '-o', 'json');
    expect(errorOf(run)).toMatchObject({ code: 'MISSING_INPUT' });
    await untouched();
  });

  test.each(['LOCAL', 'local '])('--confirm %j is another environment', async (name) => {
    const run = await smartfhir('destroy', '--confirm', name, '--no-input', '-o', 'json');
    expect([run.code, errorOf(run)]).toEqual([
      2,
      expect.objectContaining({
        code: 'USAGE',
        message: `--confirm "${name}" is not the environment, which is "local"`,
      }),
    ]);
    await untouched();
  });

  test('with its name removes everything, tells what, and finds nothing the second time', async () => {
    const run = await smartfhir('destroy', '--confirm', 'local', '--no-input');
    expect([run.code, run.stdout]).toEqual([
      0,
      expect.stringMatching(/^ {2}- vault[\s\S]*local: \d+ removed/m),
    ]);
    const again = await smartfhir('destroy', '--confirm', 'local', '--no-input', '-o', 'json');
    expect([again.code, again.json<PlanJson>().changes]).toEqual([0, []]);
    const outputs = await smartfhir('outputs', '-o', 'json');
    expect(errorOf(outputs)).toMatchObject({ code: 'NOT_PROVISIONED' });
    const { changes } = (await smartfhir('plan', '-o', 'json')).json<PlanJson>();
    expect(changes.every(({ action }) => action === 'create')).toBe(true);
  });
});

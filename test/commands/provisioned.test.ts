import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { localStarterFile } from '../../src/config/starter.ts';
import { type CliRun, runCli } from '../support/run-cli.ts';
import { type SocketStack, startSocketStack } from '../support/socket-stack.ts';

/** The commands of a provisioned environment, against a laptop stack that is reached through its sockets. */

let stack: SocketStack;
beforeAll(async () => {
  stack = await startSocketStack(inject('snapshot'));
});
afterAll(() => stack?.close());

const smartfhir = (...argv: string[]): Promise<CliRun> =>
  runCli([...argv, '--local'], { cwd: stack.project });

interface Outputs {
  readonly fhirUrl: string;
  readonly clients: readonly { readonly name: string; readonly clientId: string; readonly auth: string }[];
}
const outputs = async (): Promise<Outputs> => (await smartfhir('outputs', '-o', 'json')).json<Outputs>();

describe('outputs', () => {
  test('are the documented keys, and no secret', async () => {
    const run = await smartfhir('outputs', '-o', 'json');
    expect([run.code, run.stderr]).toEqual([0, '']);
    const document = run.json<Record<string, unknown>>();
    for (const key of 'fhirUrl issuer authorizeUrl tokenUrl introspectUrl revokeUrl launchUrl clients groups patients azure'.split(
      ' ',
    ))
      expect(document, key).toHaveProperty(key);
    expect(document['fhirUrl']).toBe(`${stack.access.origins.gateway}/fhir`);
    const { clientSecret } = (
      await smartfhir('client', 'show', 'patient-confidential', '--with-secret', '-o', 'json')
    ).json<{ clientSecret: string }>();
    expect(clientSecret.length).toBeGreaterThan(20);
    expect(run.stdout).not.toContain(clientSecret);
  });

  test('for people name every client and patient', async () => {
    const { stdout } = await smartfhir('outputs');
    expect(stdout).toMatch(/^fhirUrl +http:\/\/localhost:\d+\/fhir$/m);
    for (const { name, clientId } of (await outputs()).clients)
      expect(stdout).toMatch(new RegExp(`\\b${name} +${clientId}\\b`));
    expect(stdout).toMatch(/patient-c +\S/);
  });
});

describe('client', () => {
  test('list shows what outputs know', async () => {
    const { clients } = (await smartfhir('client', 'list', '-o', 'json')).json<Outputs>();
    expect(clients).toEqual((await outputs()).clients);
    const { stdout } = await smartfhir('client', 'list');
    expect(stdout.trim().split('\n')).toHaveLength(clients.length);
  });

  test('show tells no secret unless it is asked to', async () => {
    const shown = (await smartfhir('client', 'show', 'patient-confidential', '-o', 'json')).json();
    expect(shown).toMatchObject({ name: 'patient-confidential', auth: 'secret', launch: 'standalone' });
    expect(Object.keys(shown)).not.toContain('clientSecret');
    const keyed = await smartfhir('client', 'show', 'backend', '-o', 'json');
    expect(keyed.stdout).not.toMatch(/privateJwks|"d"/);
  });

  test('show --with-secret gives the private keys of a private_key_jwt client', async () => {
    const { privateJwks } = (
      await smartfhir('client', 'show', 'backend', '--with-secret', '-o', 'json')
    ).json<{ privateJwks: { keys: Record<string, unknown>[] } }>();
    expect(privateJwks.keys[0]).toMatchObject({ kid: expect.any(String), d: expect.any(String) });
  });

  test('show --with-secret of a public client has nothing to add', async () => {
    const plain = await smartfhir('client', 'show', 'patient-public', '-o', 'json');
    const secret = await smartfhir('client', 'show', 'patient-public', '--with-secret', '-o', 'json');
    expect(secret.json()).toEqual(plain.json());
  });

  test('show of an unknown client names the near one', async () => {
    const run = await smartfhir('client', 'show', 'patient-publik', '-o', 'json');
    expect([run.code, run.json()]).toEqual([
      2,
      expect.objectContaining({ error: expect.objectContaining({ fix: 'did you mean "patient-public"?' }) }),
    ]);
  });
});

describe('inferno preset', () => {
  test('goes to stdout, its secrets those of the clients', async () => {
    const run = await smartfhir('inferno', 'preset');
    expect(run.code).toBe(0);
    const preset = run.json<{ test_suite_id: string; inputs: { name: string; value: never }[] }>();
    expect(preset.test_suite_id).toBe('g10_certification');
    const value = (name: string) => preset.inputs.find((input) => input.name === name)?.value;
    expect(value('url')).toBe((await outputs()).fhirUrl);
    const { clientId, clientSecret } = (
      await smartfhir('client', 'show', 'patient-confidential', '--with-secret', '-o', 'json')
    ).json<{ clientId: string; clientSecret: string }>();
    expect(value('standalone_smart_auth_info')).toMatchObject({
      client_id: clientId,
      client_secret: clientSecret,
    });
    expect(run.stdout).not.toMatch(/attestation/i);
  });

  test('-f writes a private file and says so, without printing it', async () => {
    const run = await smartfhir('inferno', 'preset', '-f', 'preset.json');
    expect([run.code, run.stdout]).toEqual([0, '']);
    expect(run.stderr).toContain('keep it private');
    const path = join(stack.project, 'preset.json');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    expect(JSON.parse(await readFile(path, 'utf8'))).toHaveProperty('inputs');
  });
});

describe('plan and apply', () => {
  test('of what is there change nothing and need no approval', async () => {
    const plan = await smartfhir('plan', '--detailed-exitcode', '-o', 'json');
    expect(plan.json<{ changes: unknown[] }>().changes).toEqual([]);
    expect(plan.code).toBe(0);
    const apply = await smartfhir('apply');
    expect([apply.code, apply.stdout]).toEqual([0, expect.stringContaining('no changes')]);
  });

  test('of a new client name it, and what to do next; quietly only the result', async () => {
    const file = join(stack.project, 'smartfhir.yaml');
    const client = `{ auth: public, launch: standalone, redirectUris: ["http://app.localhost:4568/callback"], scopes: [openid] }`;
    await writeFile(file, `${localStarterFile()}\nclients: { newcomer: ${client} }\n`);
    const made = await smartfhir('apply', '--yes');
    expect([made.code, made.stdout]).toEqual([
      0,
      expect.stringMatching(
        /\+ entra\/client\/newcomer [\s\S]*\nlocal: \d+ changes applied\n {2}next {2}smartfhir doctor --local\n$/,
      ),
    ]);
    await rm(file);
    const gone = await smartfhir('apply', '--yes', '-q');
    expect([gone.code, gone.stdout]).toEqual([0, expect.stringMatching(/^local: \d+ changes? applied\n$/)]);
  });
});

describe('data', () => {
  const BUNDLE = {
    resourceType: 'Bundle',
    type: 'collection',
    entry: [
      { resource: { resourceType: 'Organization', id: 'loaded-by-test', name: 'Loaded', active: true } },
    ],
  };

  test('seed loads the same data again, and the plan still finds them as they should be', async () => {
    const run = await smartfhir('data', 'seed', '-o', 'json');
    const { resources, created, updated } = run.json<Record<string, number>>();
    expect([run.code, created, updated]).toEqual([0, 0, resources]);
    const plan = await smartfhir('plan', '--detailed-exitcode');
    expect([plan.code, plan.stdout]).toEqual([0, expect.stringContaining('no changes')]);
  });

  test('seed --out writes NDJSON that data load takes back, and loads nothing', async () => {
    const written = await smartfhir('data', 'seed', '--out', 'seed.ndjson', '-o', 'json');
    const lines = (await readFile(join(stack.project, 'seed.ndjson'), 'utf8')).trimEnd().split('\n');
    expect(written.json()).toEqual({ file: 'seed.ndjson', resources: lines.length });
    const loaded = await smartfhir('data', 'load', 'seed.ndjson', '-o', 'json');
    expect(loaded.json()).toEqual({ resources: lines.length, created: 0, updated: lines.length });
  });

  test('load counts what is new, then what it replaces', async () => {
    await writeFile(join(stack.project, 'bundle.json'), JSON.stringify(BUNDLE));
    const first = await smartfhir('data', 'load', 'bundle.json', '-o', 'json');
    expect(first.json()).toEqual({ resources: 1, created: 1, updated: 0 });
    const second = await smartfhir('data', 'load', 'bundle.json');
    expect(second.stdout).toBe('loaded 1 resources: 0 created, 1 updated\n');
  });

  test.each([
    ['no file', 'absent.ndjson', undefined, 2],
    ['a broken line', 'broken.ndjson', '{"resourceType":"Patient","id":"a"}\n{"half":', 2],
    ['a resource without id', 'no-id.ndjson', '{"resourceType":"Patient"}', 2],
    ['what FHIR refuses', 'wrong.ndjson', '{"resourceType":"Patient","id":"a","gender":"purple"}', 5],
  ])('load of %s fails', async (_, file, text, code) => {
    if (text !== undefined) await writeFile(join(stack.project, file), text);
    const run = await smartfhir('data', 'load', file, '-o', 'json');
    expect([run.code, run.json()['exitCode']]).toEqual([code, code]);
  });
});

describe('launch', () => {
  interface Launch {
    readonly summary: Record<string, number>;
    readonly launch: { readonly context: object; readonly reads: object[]; readonly granted: object };
  }

  test('standalone --headless signs in, and keeps its report', async () => {
    const run = await smartfhir(
      'launch',
      'standalone',
      '--headless',
      '--report-dir',
      'launched',
      '-o',
      'json',
    );
    expect(run.code).toBe(0);
    const document = run.json<Launch>();
    expect(document.launch.context).toMatchObject({ patient: 'patient-a' });
    expect(document.summary).toMatchObject({ fail: 0, error: 0, warn: 0 });
    expect(JSON.parse(await readFile(join(stack.project, 'launched', 'result.json'), 'utf8'))).toEqual(
      document,
    );
  });

  test('standalone asks for what it is told to', async () => {
    const scope = 'launch/patient openid fhirUser patient/Condition.rs';
    const argv = ['launch', 'standalone', '--headless', '--client', 'patient-public', '--scope', scope];
    const run = await smartfhir(...argv, '-o', 'json');
    expect([run.code, run.json<Launch>().launch.granted]).toEqual([0, expect.objectContaining({ scope })]);
  });

  test('ehr --headless opens the patient that is named', async () => {
    const run = await smartfhir('launch', 'ehr', '--headless', '--patient', 'patient-c', '-o', 'json');
    expect([run.code, run.json<Launch>().launch.context]).toEqual([
      0,
      expect.objectContaining({ patient: 'patient-c' }),
    ]);
  });

  test('ehr --url-only prints one URL with iss and launch, each time another', async () => {
    const app = ['--app', 'https://app.example/launch?keep=1', '--url-only'];
    const [first, second] = [
      await smartfhir('launch', 'ehr', ...app),
      await smartfhir('launch', 'ehr', ...app),
    ];
    const url = new URL(first.stdout.trim());
    expect([first.code, url.origin, url.searchParams.get('keep')]).toEqual([0, 'https://app.example', '1']);
    expect(url.searchParams.get('iss')).toBe((await outputs()).fhirUrl);
    expect(url.searchParams.get('launch')).toMatch(/^[\w-]{20,}$/);
    expect(second.stdout).not.toBe(first.stdout);
  });

  test('ehr --app shows the URL to open, and keeps its report', async () => {
    const argv = ['--app', 'https://app.example/launch', '--no-open', '--report-dir', 'played'];
    const run = await smartfhir('launch', 'ehr', ...argv, '-o', 'json');
    expect([run.code, run.stderr]).toEqual([
      0,
      expect.stringMatching(/https:\/\/app\.example\/launch\?\S*launch=/),
    ]);
    const kept = await readFile(join(stack.project, 'played', 'result.json'), 'utf8');
    expect(JSON.parse(kept)).toEqual(run.json());
  });

  test('backend exports the group', async () => {
    const run = await smartfhir('launch', 'backend', '--client', 'backend-2', '-o', 'json');
    expect(run.code).toBe(0);
    expect(run.json<Launch>().launch.reads).toContainEqual(
      expect.objectContaining({ path: 'Patient', status: 200, rows: 3 }),
    );
  });

  test.each([
    ['an unknown client', ['standalone', '--headless', '--client', 'nobody'], 2, /no client "nobody"/],
    ['an unknown user', ['standalone', '--headless', '--user', 'nobody'], 2, /no user "nobody"/],
    ['a port that is none', ['standalone', '--callback-port', '99999'], 2, /99999/],
    ['an unknown driver', ['ehr', '--headless', '--driver', 'telepathy'], 2, /telepathy/],
    ['an app that is no URL', ['ehr', '--app', 'not a url', '--url-only'], 2, /launch URL/],
    ['a client of another kind', ['backend', '--client', 'patient-public'], 3, undefined],
    ['a scope nobody registered', ['standalone', '--headless', '--scope', 'system/*.rs'], 3, undefined],
  ])('%s', async (_, argv, code, message) => {
    const run = await smartfhir('launch', ...argv);
    expect(run.code, run.stdout + run.stderr).toBe(code);
    if (message !== undefined) expect(run.stderr).toMatch(message);
  });
});

describe('what would remove things', () => {
  test.each([
    ['without the name of the environment', [], 'MISSING_INPUT'],
    ['with another name', ['--confirm', 'production'], 'USAGE'],
  ])('destroy %s removes nothing', async (_, argv, code) => {
    const run = await smartfhir('destroy', ...argv);
    expect([run.code, run.stderr]).toEqual([2, expect.stringContaining(code)]);
    expect((await smartfhir('plan', '--detailed-exitcode')).code).toBe(0);
  });
});

test('doctor judges the running stack', async () => {
  const run = await smartfhir('doctor', '--only', 'discovery', 'cors', '-o', 'json');
  expect([run.code, run.json()['target']]).toEqual([0, { fhirUrl: (await outputs()).fhirUrl }]);
});

import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { defaultLocalConfig, loadConfig } from '../../src/config/load.ts';
import { localStarterFile, starterFile } from '../../src/config/starter.ts';
import { SmartfhirError } from '../../src/core/errors.ts';

async function folderWith(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'smartfhir-config-'));
  await writeFile(join(folder, 'smartfhir.yaml'), text);
  return folder;
}

async function refusal(text: string, env?: string): Promise<SmartfhirError> {
  const cwd = await folderWith(text);
  const error = await loadConfig({ cwd, env }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(SmartfhirError);
  return error as SmartfhirError;
}

const HEAD = 'version: 1\nname: demo\n';

describe('what a configuration says', () => {
  test('environment lies over base, base over defaults', async () => {
    const cwd = await folderWith(
      `${HEAD}azure: { location: westus2, resourceGroup: "rg-{env}" }\nenvironments:\n  dev: {}\n  prod:\n    azure: { location: centralus }\n`,
    );
    const dev = await loadConfig({ cwd });
    expect([dev.config.env, dev.config.azure.location, dev.config.azure.resourceGroup]).toEqual([
      'dev',
      'westus2',
      'rg-dev',
    ]);
    const prod = await loadConfig({ cwd, env: 'prod' });
    expect([prod.config.azure.location, prod.config.azure.resourceGroup]).toEqual(['centralus', 'rg-prod']);
    expect(prod.environments).toEqual(['dev', 'prod', 'local']);
  });

  test('every stack has the preset clients; settings change, disable and add', async () => {
    const cwd = await folderWith(
      `${HEAD}inferno: { url: "https://inferno.example/suites" }\nclients:\n  ehr-patient: { enabled: false }\n  patient-public: { consent: user }\n  mine: { auth: public, launch: standalone, redirectUris: ["com.example.app:/cb"], scopes: [openid] }\n`,
    );
    const { config } = await loadConfig({ cwd });
    expect(config.clients.map((client) => client.name)).toEqual([
      'patient-confidential',
      'patient-public',
      'patient-asymmetric',
      'patient-v1',
      'patient-granular',
      'ehr-practitioner',
      'backend',
      'backend-2',
      'ehr',
      'introspector',
      'mine',
    ]);
    expect(config.clients[1]?.consent).toBe('user');
    expect(config.clients[0]?.redirectUris).toContain('https://inferno.example/suites/custom/smart/redirect');
  });

  test('without a file the laptop is what init would write', async () => {
    const cwd = await mkdtemp(join(tmpdir(), 'smartfhir-config-'));
    const { config, file } = await loadConfig({ cwd, env: 'local' });
    expect(file).toBeUndefined();
    expect(config).toEqual(defaultLocalConfig());
    const written = await loadConfig({ cwd: await folderWith(localStarterFile()) });
    expect(written.config).toEqual(config);
    expect(config.target).toBe('embedded');
    await expect(loadConfig({ cwd })).rejects.toMatchObject({ code: 'CONFIG_NOT_FOUND', exitCode: 2 });
  });

  test('a foreign server is an environment of its own', async () => {
    const cwd = await folderWith(
      `${HEAD}environments:\n  theirs:\n    server:\n      url: https://fhir.example/r4\n      clients:\n        app: { kind: secret, clientId: abc, secret: "env:APP_SECRET", scopes: [openid] }\n`,
    );
    const { config } = await loadConfig({ cwd });
    expect(config.target).toBe('server');
    expect(config.server?.clients['app']?.secret).toBe('env:APP_SECRET');
  });

  test('the wizard’s file for Azure loads', async () => {
    const text = starterFile({
      name: 'claims',
      azure: {
        env: 'dev',
        location: 'eastus2',
        tenant: undefined,
        subscription: '11111111-1111-4111-8111-111111111111',
        publisherEmail: 'ana@contoso.example',
        adopt: undefined,
      },
    });
    const { config } = await loadConfig({ cwd: await folderWith(text) });
    expect([config.env, config.target, config.data.classification]).toEqual(['dev', 'azure', 'phi']);
  });
});

describe('what is refused, with file, line and column', () => {
  const cases: readonly [title: string, text: string, message: RegExp, env?: string][] = [
    ['broken yaml', `${HEAD}azure: { location: [\n`, /^smartfhir\.yaml:\d+:\d+: /],
    ['a key twice', `${HEAD}name: other\n`, /^smartfhir\.yaml:3:1: .*unique/],
    [
      'a misspelt key',
      `${HEAD}clients:\n  mine:\n    redirectUri: [x]\n`,
      /^smartfhir\.yaml:5:5: unknown key "redirectUri"; did you mean "redirectUris"\?$/,
    ],
    [
      'a misspelt value',
      `${HEAD}gateway: { sku: consumption }\n`,
      /3:12: gateway\.sku: .*did you mean "Consumption"\?/,
    ],
    ['a missing name', 'version: 1\n', /name: is missing$/],
    ['a number for a name', 'version: 1\nname: 7\n', /2:1: name: must be a string$/],
    ['an empty file', '', /1:1: the file: is empty/],
    [
      'a key in the wrong place',
      `${HEAD}environments:\n  dev:\n    location: mars\n`,
      /5:5: unknown key "location" in environments\.dev$/,
    ],
    ['another version', 'version: 2\nname: demo\n', /1:1: version: must be 1/],
    [
      'a secret in the open',
      `${HEAD}environments:\n  x:\n    server:\n      url: https://a.example\n      clients:\n        app: { kind: secret, clientId: a, secret: hunter2 }\n`,
      /8:43: .*secrets are never written here/,
    ],
    ['mixed contexts', `${HEAD}clients:\n  backend: { scopes: [system/*.rs, user/*.rs] }\n`, /4:3: .*mixes/],
    [
      'mixed versions',
      `${HEAD}clients:\n  backend: { scopes: [system/*.rs, system/Patient.read] }\n`,
      /mixes v1 and v2/,
    ],
    [
      'a word that is no scope',
      `${HEAD}clients:\n  backend: { scopes: [patient/patient.rs] }\n`,
      /not a SMART scope/,
    ],
    [
      'a client without kind',
      `${HEAD}clients:\n  mine: { redirectUris: ["https://a.example/"] }\n`,
      /4:3: .*needs "auth"/,
    ],
    [
      'a retired service',
      `${HEAD}fhir: { adopt: "/subscriptions/x/resourceGroups/y/providers/Microsoft.HealthcareApis/services/z" }\n`,
      /retired/,
    ],
    ['local elsewhere', `${HEAD}environments:\n  local: { target: azure }\n`, /4:12: .*reserved/, 'local'],
    [
      'embedded elsewhere',
      `${HEAD}environments:\n  dev: { target: embedded }\n`,
      /only the environment "local"/,
    ],
    ['an alias bomb', `${HEAD}users: &a { patient: {} }\nclients: *b\n`, /:\d+: /],
    ['a list', '- 1\n', /1:1: /],
    ['nothing', '', /1:1: /],
  ];
  for (const [title, text, message, env] of cases) {
    test(title, async () => {
      const error = await refusal(text, env);
      expect(error.code).toBe('CONFIG_INVALID');
      expect(error.message).toMatch(message);
      expect(error.message).not.toContain('hunter2');
    });
  }

  test('an environment that is not there', async () => {
    const error = await refusal(`${HEAD}environments: { prod: {} }\n`, 'prd');
    expect([error.code, error.fix]).toEqual(['USAGE', 'did you mean "prod"?']);
  });
});

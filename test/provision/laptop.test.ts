import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { MINUTE, SECOND } from '../../src/core/clock.ts';
import { directoryOf } from '../../src/local/directory/directory.ts';
import type { ApplyEvent } from '../../src/provision/engine/apply.ts';
import { clientSecret, privateJwks, readOutputs, userPassword } from '../../src/provision/outputs.ts';
import { applyDocument, planDocument } from '../../src/provision/plan-document.ts';
import { applyStack, destroyStack, planStack } from '../../src/provision/provision.ts';
import { openSession } from '../../src/provision/session.ts';
import { type Laptop, openLaptop } from './laptop.ts';

const failures = (result: { errors: ReadonlyMap<string, Error> } | undefined): string[] =>
  [...(result?.errors ?? [])].map(([id, error]) => `${id}: ${error.message}`);

describe('a stack on the laptop cloud', () => {
  let laptop: Laptop;
  const events: ApplyEvent[] = [];
  const told: string[] = [];

  beforeAll(async () => {
    laptop = await openLaptop();
    const plan = await planStack(laptop.input());
    told.push(JSON.stringify(planDocument('local', plan)));
    const { result } = await applyStack({ ...laptop.input(), onEvent: (event) => events.push(event) });
    expect(failures(result)).toEqual([]);
    expect(result?.complete).toBe(true);
    told.push(JSON.stringify(applyDocument('local', plan, result!)));
  });
  afterAll(() => laptop.close());

  test('a second plan is empty and a second apply changes nothing', async () => {
    const { plan, result } = await applyStack(laptop.input());
    expect(plan.changes).toEqual([]);
    expect(plan.unchanged.length).toBeGreaterThan(70);
    expect(result).toBeUndefined();
  });

  test('outputs name URLs and clients as ARM and Entra answered them, and no secret', async () => {
    const session = await openSession(laptop.input());
    const outputs = await readOutputs(session);
    const { gateway, login } = laptop.cloud.fabric.origins;
    expect(outputs.fhirUrl).toBe(`${gateway}/fhir`);
    expect(outputs.tokenUrl).toBe(`${gateway}/auth/token`);
    expect(outputs.issuer).toBe(`${login}/${laptop.cloud.fabric.tenantId}/v2.0`);
    expect(outputs.clients.map((client) => client.name)).toEqual(
      laptop.config.clients.map((client) => client.name),
    );
    expect(outputs.users.map((user) => user.fhirUser)).toEqual([
      `${gateway}/fhir/Patient/patient-a`,
      `${gateway}/fhir/Practitioner/practitioner-1`,
    ]);
    const secrets = await allSecrets();
    for (const secret of secrets) expect(JSON.stringify(outputs)).not.toContain(secret);
  });

  test('secrets are in Key Vault and nowhere else: plan, events, journal, outputs', async () => {
    const secrets = await allSecrets();
    expect(secrets.length).toBeGreaterThan(8);
    const folder = join(laptop.input().stateFolder, 'journal', 'local');
    const journals = await Promise.all(
      (await readdir(folder)).map((name) => readFile(join(folder, name), 'utf8')),
    );
    const texts = [...told, JSON.stringify(events), ...journals].join('\n');
    for (const secret of secrets) expect(texts).not.toContain(secret);
  });

  test('tokens of a client carry what the tenant was told', async () => {
    const session = await openSession(laptop.input());
    const outputs = await readOutputs(session);
    const ehr = outputs.clients.find((client) => client.name === 'ehr')!;
    const secret = await clientSecret(session, outputs, 'ehr');
    const answer = await laptop.cloud.fetch(
      new Request(`https://login.microsoftonline.com/${outputs.azure.tenantId}/oauth2/v2.0/token`, {
        method: 'POST',
        body: new URLSearchParams({
          grant_type: 'client_credentials',
          client_id: ehr.clientId,
          client_secret: secret ?? '',
          scope: `${outputs.azure.scopePrefix}/.default`,
        }),
      }),
    );
    const { access_token: token } = (await answer.json()) as { access_token: string };
    const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as Record<
      string,
      unknown
    >;
    expect(claims['aud']).toBe(outputs.azure.fhirAudience);
    expect(claims['roles']).toEqual(['launch.create']);
    expect(claims['ver']).toBe('2.0');
  });

  test('private keys are pairs of the published ones, RS384 and ES384', async () => {
    const session = await openSession(laptop.input());
    const outputs = await readOutputs(session);
    const { keys } = JSON.parse((await privateJwks(session, outputs, 'backend')) ?? '') as {
      keys: { alg: string; d?: string }[];
    };
    expect(keys.map((key) => key.alg)).toEqual(['RS384', 'ES384']);
    expect(keys.every((key) => key.d !== undefined)).toBe(true);
    const settings = await session.reader.arm.action(
      `${outputs.azure.functionAppId}/config/appsettings`,
      'list',
    );
    const text = JSON.stringify(settings);
    for (const key of keys) expect(text).not.toContain(key.d);
    expect(await userPassword(session, outputs, 'patient')).toMatch(/^.{24}$/);
  });

  async function allSecrets(): Promise<string[]> {
    const session = await openSession(laptop.input());
    const { azure } = await readOutputs(session);
    const names = await session.reader.vault.list(azure.keyVaultUrl);
    const found = await Promise.all(
      names.map(({ name }) => session.reader.vault.get(azure.keyVaultUrl, name)),
    );
    return found.flatMap((secret) => secret?.value ?? []);
  }
});

test('the clouds delays are waited out: operations, replication, roles', async () => {
  const laptop = await openLaptop({
    timing: { armOperationMs: 20 * SECOND, graphReplicationMs: 15 * SECOND, rolePropagationMs: 3 * MINUTE },
  });
  const { result } = await applyStack(laptop.input());
  expect(failures(result)).toEqual([]);
  expect((await planStack(laptop.input())).changes).toEqual([]);
  await laptop.close();
});

test('destroy leaves nothing with our mark behind, and a new apply finds its names free', async () => {
  const laptop = await openLaptop();
  const apps = directoryOf(laptop.cloud.fabric).applications.list().length;
  await applyStack(laptop.input());
  const { items, result } = await destroyStack(laptop.input());
  expect(failures(result)).toEqual([]);
  expect(items.length).toBeGreaterThan(60);
  expect(directoryOf(laptop.cloud.fabric).applications.list()).toHaveLength(apps);
  expect((await destroyStack(laptop.input())).items).toEqual([]);
  const again = await applyStack(laptop.input());
  expect(failures(again.result)).toEqual([]);
  await laptop.close();
});

test('two environments in one subscription and tenant do not touch each other', async () => {
  const laptop = await openLaptop();
  const second = {
    ...laptop.config,
    env: 'second',
    azure: { ...laptop.config.azure, resourceGroup: 'rg-second' },
  };
  await applyStack(laptop.input());
  const other = await applyStack(laptop.input({ config: second }));
  expect(failures(other.result)).toEqual([]);
  expect((await planStack(laptop.input())).changes).toEqual([]);
  const { result } = await destroyStack(laptop.input({ config: second }));
  expect(failures(result)).toEqual([]);
  expect((await planStack(laptop.input())).changes).toEqual([]);
  await laptop.close();
});

test('what the configuration no longer names is taken away', async () => {
  const laptop = await openLaptop();
  await applyStack(laptop.input());
  const config = {
    ...laptop.config,
    clients: laptop.config.clients.filter((client) => client.name !== 'backend-2'),
  };
  const { plan, result } = await applyStack(laptop.input({ config }));
  expect(
    plan.changes
      .filter((change) => change.action === 'delete')
      .map((change) => change.id)
      .sort(),
  ).toEqual([
    'entra/client/backend-2',
    'role/client-export/backend-2',
    'role/client-fhir/backend-2',
    'secret/client/backend-2',
    'secret/jwks/backend-2',
  ]);
  expect(failures(result)).toEqual([]);
  expect((await planStack(laptop.input({ config }))).changes).toEqual([]);
  await laptop.close();
});

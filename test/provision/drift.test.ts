import { afterAll, beforeAll, expect, test } from 'vitest';
import type { StackOutputs } from '../../src/provision/outputs.ts';
import { readOutputs } from '../../src/provision/outputs.ts';
import { applyStack, planStack } from '../../src/provision/provision.ts';
import { openSession, type Session } from '../../src/provision/session.ts';
import { type Laptop, openLaptop } from './laptop.ts';

let laptop: Laptop;
let session: Session;
let outputs: StackOutputs;

beforeAll(async () => {
  laptop = await openLaptop();
  await applyStack(laptop.input());
  session = await openSession(laptop.input());
  outputs = await readOutputs(session);
});
afterAll(() => laptop.close());

/** What somebody changed by hand, and what plan must say of it: resource id and field. */
const hands: readonly [title: string, change: () => Promise<unknown>, id: string, field: RegExp][] = [
  [
    'a setting of the gateway',
    async () => {
      const id = `${outputs.azure.functionAppId}/config/appsettings`;
      const { properties } = await session.reader.arm.action(id, 'list');
      await session.reader.arm.put(id, {
        properties: { ...(properties as object), SMARTFHIR_FHIR_URL: 'https://evil.example' },
      });
    },
    'functions/settings',
    /^SMARTFHIR_FHIR_URL$/,
  ],
  [
    'an API policy',
    () =>
      session.reader.apiManagement.putApiPolicy(
        ...service(),
        'smart-fhir',
        '<policies><inbound><base /></inbound><backend><base /></backend><outbound><base /></outbound><on-error><base /></on-error></policies>',
        true,
      ),
    'apim/api/smart-fhir',
    /^policy$/,
  ],
  [
    'an operation that opens a door',
    () =>
      session.reader.apiManagement.putOperation(
        ...service(),
        'smart-auth',
        'extra',
        { displayName: 'extra', method: 'GET', urlTemplate: '/extra' },
        false,
      ),
    'apim/api/smart-auth',
    /^operations\.extra$/,
  ],
  [
    'a consent that was widened',
    async () => {
      const client = outputs.clients.find(({ name }) => name === 'ehr-patient')!;
      const principal = await session.reader.graph.get(`/servicePrincipals(appId='${client.clientId}')`);
      const grants = await session.reader.graph.list('/oauth2PermissionGrants', {
        $filter: `clientId eq '${principal!.id}'`,
      });
      const fhir = grants.find((grant) => String(grant['scope']).includes('patient'))!;
      await session.reader.graph.patch(`/oauth2PermissionGrants/${fhir.id}`, {
        scope: `${String(fhir['scope'])} user.all.rs`,
      });
    },
    'entra/grant/ehr-patient',
    /^fhir\.scope$/,
  ],
  [
    'a redirect URI in Entra',
    async () => {
      const client = outputs.clients.find(({ name }) => name === 'patient-confidential')!;
      await session.reader.graph.patch(`/applications(appId='${client.clientId}')`, {
        web: { redirectUris: ['https://evil.example/cb'] },
      });
    },
    'entra/client/patient-confidential',
    /^web\.redirectUris$/,
  ],
  [
    'the fhirUser of a test user',
    async () => {
      const [user] = outputs.users;
      const extension = `extension_${outputs.azure.fhirAudience.replaceAll('-', '')}_fhirUser`;
      await session.reader.graph.patch(`/users/${user!.username}`, { [extension]: 'Patient/somebody-else' });
    },
    'user/patient',
    /^fhirUser$/,
  ],
  [
    'a client secret removed from Entra',
    async () => {
      const client = outputs.clients.find(({ name }) => name === 'ehr')!;
      const app = await session.reader.graph.get(`/applications(appId='${client.clientId}')`);
      const [{ keyId }] = app!['passwordCredentials'] as [{ keyId: string }];
      await session.reader.graph.post(`/applications/${app!.id}/removePassword`, { keyId });
    },
    'secret/client/ehr',
    /^credential$/,
  ],
  [
    'the session key rotated in the vault',
    () =>
      session.reader.vault.set(
        outputs.azure.keyVaultUrl,
        'session-key',
        'A'.repeat(43),
        session.context.owner.tags('secret/session-key'),
      ),
    'functions/settings',
    /^SMARTFHIR_SECRET_VERSIONS$/,
  ],
  [
    'the host key rotated in the vault',
    () =>
      session.reader.vault.set(
        outputs.azure.keyVaultUrl,
        'function-key',
        'B'.repeat(43),
        session.context.owner.tags('secret/function-key'),
      ),
    'apim/named-value/functions-key',
    /^value$/,
  ],
  [
    'plain http to the app',
    async () => {
      await session.reader.arm.patch(outputs.azure.functionAppId, { properties: { httpsOnly: false } });
    },
    'functions/app',
    /^properties\.httpsOnly$/,
  ],
  [
    'another package published by hand',
    async () => {
      const { publishPackage } = await import('../../src/azure/publish.ts');
      const { readFile } = await import('node:fs/promises');
      const { clock, http, step } = session.reader;
      await publishPackage(await readFile(session.context.functionPackage.path), {
        http,
        clock,
        scope: 'https://management.azure.com/.default',
        scmHost: outputs.azure.functionHost.replace('.', '.scm.'),
        watch: step,
      });
    },
    'functions/package',
    /^package$/,
  ],
];

function service(): [string, string] {
  return [outputs.azure.resourceGroup, session.context.names.apiManagement];
}

for (const [title, change, id, field] of hands) {
  test(`drift is named and mended: ${title}`, async () => {
    await change();
    const { changes } = await planStack(laptop.input());
    const told = changes.find((item) => item.id === id);
    expect(told?.action).toBe('update');
    expect(told?.fields.map((item) => item.field)).toEqual(
      expect.arrayContaining([expect.stringMatching(field)]),
    );
    const { result } = await applyStack(laptop.input());
    expect([...(result?.errors.values() ?? [])].map((error) => error.message)).toEqual([]);
    expect((await planStack(laptop.input())).changes).toEqual([]);
  });
}

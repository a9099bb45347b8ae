import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { GraphObject } from '../../src/azure/graph.ts';
import { readOutputs, type StackOutputs } from '../../src/provision/outputs.ts';
import { applyStack, planStack } from '../../src/provision/provision.ts';
import { openSession, type Session } from '../../src/provision/session.ts';
import { type Laptop, openLaptop } from './laptop.ts';

/** What somebody did to the registrations and settings of a stack, and that apply undoes that and no more. */

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

const application = async (appId: string): Promise<GraphObject> => {
  const found = await session.reader.graph.get(`/applications(appId='${appId}')`);
  if (found === undefined) throw new Error(`no application ${appId}`);
  return found;
};
const fhirApp = (): Promise<GraphObject> => application(outputs.azure.fhirAudience);
const clientId = (name: string): string =>
  outputs.clients.find((client) => client.name === name)?.clientId ?? '';

/** Ids and fields of what a plan would update. */
async function drifted(): Promise<readonly string[]> {
  const { changes } = await planStack(laptop.input());
  return changes.flatMap(({ id, fields }) => fields.map(({ field }) => `${id} ${field}`));
}

async function mended(): Promise<void> {
  const { result } = await applyStack(laptop.input());
  expect([...(result?.errors.values() ?? [])].map((error) => error.message)).toEqual([]);
  expect((await planStack(laptop.input())).changes).toEqual([]);
}

describe('the FHIR application', () => {
  test('loses a scope and a role that nobody configured: Entra wants them disabled first', async () => {
    const app = await fhirApp();
    const api = app['api'] as { oauth2PermissionScopes: object[] };
    const names = { isEnabled: true, value: 'patient.all.cruds' };
    const texts = { adminConsentDisplayName: 'x', adminConsentDescription: 'x' };
    await session.reader.graph.patch(`/applications/${app.id}`, {
      api: {
        oauth2PermissionScopes: [
          ...api.oauth2PermissionScopes,
          { id: randomUUID(), type: 'User', ...names, ...texts },
        ],
      },
      appRoles: [
        ...(app['appRoles'] as object[]),
        {
          id: randomUUID(),
          isEnabled: true,
          value: 'system.all.cruds',
          displayName: 'x',
          description: 'x',
          allowedMemberTypes: ['Application'],
        },
      ],
    });
    expect(await drifted()).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^\S+ api\.oauth2PermissionScopes$/),
        expect.stringMatching(/^\S+ appRoles$/),
      ]),
    );
    await mended();
    expect(JSON.stringify(await fhirApp())).not.toContain('all.cruds');
  });

  test('gets its identifier URI back', async () => {
    const { id } = await fhirApp();
    await session.reader.graph.patch(`/applications/${id}`, { identifierUris: [] });
    expect(await drifted()).toEqual([expect.stringMatching(/identifierUris/)]);
    await mended();
    expect((await fhirApp())['identifierUris']).toEqual([`api://${outputs.azure.fhirAudience}`]);
  });

  test('goes back to tokens of version 2', async () => {
    const { id } = await fhirApp();
    await session.reader.graph.patch(`/applications/${id}`, { api: { requestedAccessTokenVersion: 1 } });
    expect(await drifted()).toContainEqual(expect.stringMatching(/ api\.requestedAccessTokenVersion$/));
    await mended();
  });
});

describe('a client', () => {
  test('whose service principal was deleted gets one again, and what hung on it', async () => {
    const principal = `/servicePrincipals(appId='${clientId('ehr-patient')}')`;
    const found = await session.reader.graph.get(principal);
    await session.reader.graph.delete(`/servicePrincipals/${found?.id ?? ''}`);
    expect(await drifted()).toContain('entra/client/ehr-patient servicePrincipal');
    await mended();
    expect(await session.reader.graph.get(principal)).toMatchObject({ appId: clientId('ehr-patient') });
  });

  test('that was renamed is called as before', async () => {
    const app = await application(clientId('backend'));
    await session.reader.graph.patch(`/applications/${app.id}`, { displayName: 'something else' });
    expect(await drifted()).toEqual(['entra/client/backend displayName']);
    await mended();
    expect((await application(clientId('backend')))['displayName']).toBe(app['displayName']);
  });
});

describe('settings of the Function app', () => {
  const settings = async (): Promise<Record<string, string>> => {
    const id = `${outputs.azure.functionAppId}/config/appsettings`;
    return (await session.reader.arm.action(id, 'list'))['properties'] as Record<string, string>;
  };
  const write = async (properties: Record<string, string>): Promise<void> => {
    await session.reader.arm.put(`${outputs.azure.functionAppId}/config/appsettings`, { properties });
  };

  test('of ours that nobody needs any more go, those of others stay', async () => {
    await write({ ...(await settings()), SMARTFHIR_RETIRED: 'x', MY_OWN: 'y' });
    expect(await drifted()).toEqual(['functions/settings SMARTFHIR_RETIRED']);
    await mended();
    const now = await settings();
    expect([now['SMARTFHIR_RETIRED'], now['MY_OWN']]).toEqual([undefined, 'y']);
  });

  test('of ours that were emptied come back whole, beside those of others', async () => {
    const before = await settings();
    await write({ MY_OWN: 'y' });
    const { changes } = await planStack(laptop.input());
    expect(changes.map(({ id, action }) => `${action} ${id}`)).toContain('create functions/settings');
    await mended();
    expect(await settings()).toEqual(before);
  });
});

test('the mark of a secret is written again, its value is not', async () => {
  const { keyVaultUrl } = outputs.azure;
  const before = await session.reader.vault.get(keyVaultUrl, 'session-key');
  await session.reader.vault.set(keyVaultUrl, 'session-key', before?.value ?? '', {
    ...before?.tags,
    'somebody-elses': 'kept',
  });
  await mended();
  expect(await session.reader.vault.get(keyVaultUrl, 'session-key')).toMatchObject({
    value: before?.value,
    tags: { 'somebody-elses': 'kept' },
  });
});

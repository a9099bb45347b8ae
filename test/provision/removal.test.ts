import { expect, inject, test } from 'vitest';
import { applyStack } from '../../src/provision/provision.ts';
import { openSession } from '../../src/provision/session.ts';
import { type ProvisionedStack, restoreStack } from '../support/provisioned-stack.ts';
import { remove, takeAway } from '../support/removal.ts';

/** One resource of each sort, with what of the smoke set must notice; all of them: test/long/removal.test.ts. */
const SAMPLE: readonly (readonly [id: string, noticed: string])[] = [
  ['provider/Microsoft.Web', 'apply writes again'],
  ['storage/packages', 'the published package is looked at'],
  ['functions/package', 'discovery'],
  ['functions/host-key', 'metadata'],
  ['secret/function-key', 'API Management reads its key again'],
  ['secret/jwks/backend', 'outputs, client show'],
  ['entra/fhir', 'launch backend'],
  ['entra/grant/ehr-patient', 'launch ehr-patient'],
  ['entra/claims/sign-in', 'scope choice, introspection, revocation'],
  ['role/fhir-blobs', 'launch backend'],
  ['apim/named-value/allowed-origins', 'preflight'],
  ['data/seed', 'launch backend'],
];

test.each(SAMPLE)('without %s: %s', async (id, noticed) => {
  const { planned, refused } = await remove(inject('snapshot'), id);
  expect(planned).toContain(id);
  expect(refused.map(({ name }) => name)).toContain(noticed);
});

/** What the FHIR service itself, past the gateway, answers to a backend's own token. */
async function askedDirectly({ cloud, input, outputs, profile }: ProvisionedStack, path: string) {
  const session = await openSession(input);
  const { clientId = '' } = profile.clients['backend'] ?? {};
  const secret = await session.reader.vault.get(outputs.azure.keyVaultUrl, clientId);
  const form = {
    grant_type: 'client_credentials',
    client_id: clientId,
    client_secret: secret?.value ?? '',
    scope: `${outputs.azure.scopePrefix}/.default`,
  };
  const url = `https://login.microsoftonline.com/${outputs.azure.tenantId}/oauth2/v2.0/token`;
  const answer = await cloud.fetch(new Request(url, { method: 'POST', body: new URLSearchParams(form) }));
  const { access_token: token } = (await answer.json()) as { access_token: string };
  const headers = { authorization: `Bearer ${token}` };
  const read = await cloud.fetch(new Request(`${outputs.azure.fhirServiceUrl}/${path}`, { headers }));
  return read.status;
}

test('the SMART role of a backend holds it to its scopes at the FHIR service itself', async () => {
  const stack = await restoreStack(inject('snapshot'));
  const { config } = stack.input;
  const narrow = config.clients.map((client) =>
    client.name === 'backend' ? { ...client, scopes: ['system/Patient.rs'] } : client,
  );
  const narrowed = { ...stack, input: { ...stack.input, config: { ...config, clients: narrow } } };
  try {
    const { result } = await applyStack(narrowed.input);
    expect(result?.complete).toBe(true);
    expect(await askedDirectly(narrowed, 'Patient')).toBe(200);
    expect(await askedDirectly(narrowed, 'Observation')).toBe(403);
    await takeAway(narrowed, await openSession(narrowed.input), 'role/client-fhir/backend');
    expect(await askedDirectly(narrowed, 'Observation')).toBe(200);
  } finally {
    await stack.close();
  }
});

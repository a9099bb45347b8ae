import { expect, test } from 'vitest';
import { createManagedIdentity, findPrincipal } from '../../../src/local/directory/identities.ts';
import { assignRole } from '../../../src/local/rbac.ts';
import { Resources } from '../../../src/local/resources.ts';
import { storage } from '../../../src/local/storage/storage.ts';
import { diagnostics, fhirCloud, patient, SERVICE_ID } from './fhir-cloud.ts';

const ACCOUNT_ID =
  '/subscriptions/99999999-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.Storage/storageAccounts/exports';
const ASYNC = { accept: 'application/fhir+json', prefer: 'respond-async' };

test('the service writes as its managed identity, and only with the role on the account', async () => {
  const cloud = await fhirCloud({
    properties: { exportConfiguration: { storageAccountName: 'exports' } },
    others: [storage],
  });
  const at = new Date(cloud.clock.now()).toISOString();
  new Resources(cloud.fabric.store).put({
    id: ACCOUNT_ID,
    name: 'exports',
    type: 'Microsoft.Storage/storageAccounts',
    etag: '',
    createdAt: at,
    changedAt: at,
    body: { properties: { allowSharedKeyAccess: false, publicNetworkAccess: 'Enabled' }, keys: [] },
  });
  await cloud.put(patient('a'));
  const run = async () => {
    const kickOff = await cloud.admin('/$export?_type=Patient', { headers: ASYNC });
    const location = kickOff.headers.get('content-location') ?? '';
    for (;;) {
      const answer = await cloud.admin(location);
      if (answer.status !== 202) return answer;
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  const refused = await run();
  expect([refused.status, diagnostics(refused)]).toEqual([
    403,
    expect.stringContaining('AuthorizationPermissionMismatch'),
  ]);
  const { principalId } = createManagedIdentity(cloud.fabric, SERVICE_ID);
  expect(findPrincipal(cloud.fabric, principalId)?.type).toBe('ServicePrincipal');
  assignRole(cloud.fabric, { principalId, role: 'Storage Blob Data Contributor', scope: ACCOUNT_ID });
  const done = await run();
  expect([done.status, done.body.output]).toEqual([
    200,
    [expect.objectContaining({ type: 'Patient', count: 1 })],
  ]);
});

import { expect } from 'vitest';
import { storage } from '../../../src/local/storage/storage.ts';
import {
  GROUP,
  type Principal,
  type SmallCloud,
  SUBSCRIPTION,
  smallCloud,
  withGroup,
} from '../arm/small-cloud.ts';

export const ACCOUNT = `${GROUP}/providers/Microsoft.Storage/storageAccounts/acct1`;
export const BLOB = 'https://acct1.blob.core.windows.net';
export const TABLE = 'https://acct1.table.core.windows.net';
export const ROLES = {
  blobContributor: 'ba92f5b4-2d11-453d-a403-e96b0029c9fe',
  blobReader: '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1',
  tableContributor: '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3',
} as const;

/** A cloud with one storage account. */
export async function storageCloud(properties: Record<string, unknown> = {}): Promise<SmallCloud> {
  const cloud = await withGroup(smallCloud([storage]));
  await putAccount(cloud, properties);
  return cloud;
}

export async function putAccount(cloud: SmallCloud, properties: Record<string, unknown>): Promise<void> {
  const body = { location: 'eastus', kind: 'StorageV2', sku: { name: 'Standard_LRS' }, properties };
  expect((await cloud.arm('PUT', ACCOUNT, body)).status).toBeLessThan(300);
}

/** Somebody with a role on the account, or on a part of it. */
export async function member(
  cloud: SmallCloud,
  name: string,
  role: string | undefined,
  scope = ACCOUNT,
): Promise<Principal> {
  const principal = cloud.principal(name);
  if (role === undefined) return principal;
  const id = `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`;
  const roleDefinitionId = `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.Authorization/roleDefinitions/${role}`;
  const answer = await cloud.arm('PUT', id, {
    properties: { principalId: principal.principalId, roleDefinitionId },
  });
  expect(answer.status).toBe(201);
  return principal;
}

export interface Call {
  readonly as?: Principal;
  readonly headers?: Record<string, string>;
  readonly body?: string | Uint8Array<ArrayBuffer>;
}

/** A call on either service; without `as` it carries no token. */
export async function send(
  cloud: SmallCloud,
  method: string,
  url: string,
  call: Call = {},
): Promise<Response> {
  const headers = new Headers({ 'x-ms-version': '2024-11-04', ...call.headers });
  if (call.as !== undefined)
    headers.set('authorization', `Bearer ${await call.as.token('https://storage.azure.com')}`);
  const init = call.body === undefined ? {} : { body: call.body };
  return cloud.fetch(new Request(url, { method, headers, ...init }));
}

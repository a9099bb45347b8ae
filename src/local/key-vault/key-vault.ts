import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import type { Fabric, StandIn } from '../fabric.ts';
import { listDeletedSecrets, listSecrets, listVersions } from './secret-lists.ts';
import { SecretStore } from './secret-store.ts';
import {
  deleteSecret,
  getDeletedSecret,
  getSecret,
  purgeSecret,
  recoverSecret,
  type SecretCall,
  setSecret,
  updateSecret,
} from './secrets.ts';
import { authorize, challenge, identify, requireVersion, vaultAt } from './vault.ts';
import { VaultError, vaultErrorBody } from './vault-error.ts';

type Handler = (call: SecretCall) => Promise<unknown> | unknown;

/** The data plane of Key Vault: secrets. Keys and certificates are refused with 501. */
export function keyVault(fabric: Fabric): StandIn {
  const app = new Hono({ strict: false });
  const route = (action: string, handler: Handler) => (context: Context) =>
    answer(fabric, context, action, handler);
  app.get('/secrets', route('readMetadata/action', listSecrets));
  app.put('/secrets/:name', route('setSecret/action', setSecret));
  app.get('/secrets/:name', route('getSecret/action', getSecret));
  app.delete('/secrets/:name', route('delete', deleteSecret));
  app.patch('/secrets/:name', route('update/action', updateSecret));
  app.get('/secrets/:name/versions', route('readMetadata/action', listVersions));
  app.get('/secrets/:name/:version', route('getSecret/action', getSecret));
  app.patch('/secrets/:name/:version', route('update/action', updateSecret));
  app.get('/deletedsecrets', route('readMetadata/action', listDeletedSecrets));
  app.get('/deletedsecrets/:name', route('readMetadata/action', getDeletedSecret));
  app.post('/deletedsecrets/:name/recover', route('recover/action', recoverSecret));
  app.delete('/deletedsecrets/:name', route('purge/action', purgeSecret));
  app.all('*', async (context) => {
    await identify(fabric, context.req.raw);
    const where = `${context.req.method} ${context.req.path}`;
    fabric.log({ standIn: 'key-vault', level: 'warn', text: `${where} is not imitated` });
    throw new VaultError(501, 'NotImplemented', `${where} is not imitated.`);
  });
  app.onError((error) => {
    if (!(error instanceof VaultError)) throw error;
    return respond(
      error.status,
      vaultErrorBody(error),
      error.status === 401 ? { 'www-authenticate': challenge(fabric) } : {},
    );
  });
  return {
    name: 'key-vault',
    serves: (host) => vaultAt(fabric, host) !== undefined,
    fetch: async (request) => app.fetch(request),
  };
}

async function answer(fabric: Fabric, context: Context, action: string, handler: Handler): Promise<Response> {
  const request = context.req.raw;
  const url = new URL(request.url);
  const vault = vaultAt(fabric, url.hostname);
  if (vault === undefined) throw new VaultError(404, 'NotFound', 'There is no such vault.');
  const caller = await identify(fabric, request);
  requireVersion(url.searchParams);
  const name = context.req.param('name');
  authorize(fabric, vault, caller, action, name);
  const store = new SecretStore(fabric, vault.name);
  const version = context.req.param('version') ?? '';
  const result = await handler({ fabric, vault, store, request, name: name ?? '', version });
  return respond(result === undefined ? 204 : 200, result);
}

function respond(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  const common = {
    'cache-control': 'no-cache',
    pragma: 'no-cache',
    'x-ms-keyvault-service-version': '1.9.0',
    'x-ms-request-id': randomUUID(),
    'x-content-type-options': 'nosniff',
    ...headers,
  };
  if (body === undefined) return new Response(null, { status, headers: common });
  const type = { 'content-type': 'application/json; charset=utf-8' };
  return new Response(JSON.stringify(body), { status, headers: { ...type, ...common } });
}

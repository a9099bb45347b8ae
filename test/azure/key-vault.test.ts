import { expect, test } from 'vitest';
import { AuthorizedHttp } from '../../src/azure/authorized-http.ts';
import { KeyVault } from '../../src/azure/key-vault.ts';
import { publishPackage } from '../../src/azure/publish.ts';
import { type Answer, clockAt, countingCredential, script } from './script.ts';

const VAULT = 'https://v.vault.azure.net/';

function vault(...answers: Answer[]) {
  const server = script(...answers);
  const credential = countingCredential();
  const http = new AuthorizedHttp(server.fetch, credential, clockAt());
  return { port: new KeyVault(http, 'vault.azure.net'), http, credential, ...server };
}

const bundle = { id: `${VAULT}secrets/s/0123456789abcdef0123456789abcdef`, value: 'v', tags: { a: 'b' } };

test('reads the newest version; a missing secret is undefined', async () => {
  const { port, calls, credential } = vault({ status: 200, body: bundle }, { status: 404 });
  expect(await port.get(VAULT, 's')).toEqual({
    value: 'v',
    version: '0123456789abcdef0123456789abcdef',
    tags: { a: 'b' },
  });
  expect(calls[0]?.url).toBe(`${VAULT}secrets/s?api-version=7.6`);
  expect(credential.asked).toEqual(['https://vault.azure.net/.default']);
  expect(await port.get(VAULT, 's')).toBeUndefined();
});

test('lists names and tags over all pages', async () => {
  const page = (name: string, nextLink: string | null) => ({
    status: 200,
    body: { value: [{ id: `${VAULT}secrets/${name}`, tags: { n: name } }], nextLink },
  });
  const { port } = vault(page('a', `${VAULT}secrets?$skiptoken=x&api-version=7.6`), page('b', null));
  expect(await port.list(VAULT)).toEqual([
    { name: 'a', tags: { n: 'a' } },
    { name: 'b', tags: { n: 'b' } },
  ]);
});

test('a soft-deleted secret of the same name is recovered, then set', async () => {
  const deleted = {
    status: 409,
    body: {
      error: { code: 'Conflict', message: 'x', innererror: { code: 'ObjectIsDeletedButRecoverable' } },
    },
  };
  const { port, calls } = vault(deleted, { status: 200, body: {} }, { status: 200, body: bundle });
  await port.set(VAULT, 's', 'v', {});
  expect(calls.map((call) => `${call.method} ${new URL(call.url).pathname}`)).toEqual([
    'PUT /secrets/s',
    'POST /deletedsecrets/s/recover',
    'PUT /secrets/s',
  ]);
});

test('publishing follows the deployment to its end; a failed one is told', async () => {
  const id = '11111111-2222-4333-8444-555555555555';
  const options = (server: ReturnType<typeof vault>) => ({
    http: server.http,
    clock: clockAt(),
    scope: 'https://management.azure.com/.default',
    scmHost: 'a.scm.azurewebsites.net',
    watch: {
      signal: new AbortController().signal,
      operation: async () => undefined,
      waiting: () => undefined,
    },
  });
  const fine = vault(
    { status: 202, body: id },
    { status: 200, body: { status: 2 } },
    { status: 200, body: { status: 4 } },
  );
  await publishPackage(new Uint8Array([1]), options(fine));
  expect(fine.calls[0]?.url).toContain('https://a.scm.azurewebsites.net/api/publish?isAsync=true');
  expect(fine.calls[1]?.url).toBe(`https://a.scm.azurewebsites.net/api/deployments/${id}`);
  const failed = vault(
    { status: 202, body: id },
    { status: 200, body: { status: 3, message: 'no entry file' } },
  );
  await expect(publishPackage(new Uint8Array([1]), options(failed))).rejects.toThrow(
    /DeploymentFailed: no entry file/,
  );
});

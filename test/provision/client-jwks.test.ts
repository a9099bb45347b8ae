import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ClientConfig } from '../../src/config/config.ts';
import { makeFolder } from '../../src/core/files.ts';
import { readOutputs } from '../../src/provision/outputs.ts';
import { applyStack, planStack } from '../../src/provision/provision.ts';
import { openSession } from '../../src/provision/session.ts';
import { type Laptop, openLaptop } from './laptop.ts';

/** Public keys that a client brings itself: by URL, or in a file that the configuration names. */

let laptop: Laptop;
let folder: string;
let publicKey: JWK;
let privateKey: JWK;

beforeAll(async () => {
  laptop = await openLaptop();
  folder = laptop.input().stateFolder;
  await makeFolder(folder);
  const pair = await generateKeyPair('ES384', { extractable: true });
  const facts = { kid: 'k1', alg: 'ES384', use: 'sig' };
  publicKey = { ...(await exportJWK(pair.publicKey)), ...facts };
  privateKey = { ...(await exportJWK(pair.privateKey)), ...facts };
});
afterAll(() => laptop.close());

function inputWith(jwks: string) {
  const client: ClientConfig = {
    name: 'partner',
    auth: 'private_key_jwt',
    launch: 'backend',
    redirectUris: [],
    launchUris: [],
    origins: [],
    scopes: ['system/*.rs'],
    permissions: [],
    jwks,
    consent: 'admin',
  };
  return laptop.input({ config: { ...laptop.config, clients: [...laptop.config.clients, client] } });
}

async function fileOf(text: string): Promise<string> {
  const path = join(folder, 'partner.jwks.json');
  await writeFile(path, text);
  return `file:${path}`;
}

describe('a file', () => {
  test('that is not there is told with its client', async () => {
    const missing = join(folder, 'missing.json');
    await expect(planStack(inputWith(`file:${missing}`))).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: `clients.partner.jwks: ${missing} cannot be read as JSON`,
    });
  });

  test.each<[string, () => unknown]>([
    ['a private key', () => ({ keys: [privateKey] })],
    ['a private key among public ones', () => ({ keys: [publicKey, privateKey] })],
    ['a symmetric key', () => ({ keys: [{ kty: 'oct', k: 'c2VjcmV0', kid: 'k' }] })],
    ['one key without a set', () => publicKey],
    ['keys that are no list', () => ({ keys: publicKey })],
  ])('with %s is refused, and nothing of it is repeated', async (_, jwks) => {
    const file = await fileOf(JSON.stringify(jwks()));
    const refused = planStack(inputWith(file));
    await expect(refused).rejects.toMatchObject({
      code: 'CONFIG_INVALID',
      message: expect.stringContaining('must be a JWKS of public keys only'),
    });
    await expect(refused).rejects.not.toThrow(privateKey.d);
  });

  test('with no JSON is refused', async () => {
    await expect(planStack(inputWith(await fileOf('{')))).rejects.toMatchObject({ code: 'CONFIG_INVALID' });
  });
});

describe('what the gateway is told of the client', () => {
  async function registered(jwks: string): Promise<Record<string, unknown> | undefined> {
    const input = inputWith(jwks);
    const { result } = await applyStack(input);
    expect([...(result?.errors.values() ?? [])].map((error) => error.message)).toEqual([]);
    const session = await openSession(input);
    const { azure } = await readOutputs(session);
    const { properties } = await session.reader.arm.action(
      `${azure.functionAppId}/config/appsettings`,
      'list',
    );
    const clients = JSON.parse((properties as Record<string, string>)['SMARTFHIR_CLIENTS'] ?? '[]') as Record<
      string,
      unknown
    >[];
    expect(await session.reader.vault.get(azure.keyVaultUrl, 'jwks-partner')).toBeUndefined();
    return clients.find(({ name }) => name === 'partner');
  }

  test('the keys of the file; smartfhir makes none of its own', async () => {
    const client = await registered(await fileOf(JSON.stringify({ keys: [publicKey] })));
    expect(client).toMatchObject({ auth: 'private_key_jwt', jwks: { keys: [publicKey] } });
    expect(client).not.toHaveProperty('jwksUrl');
  });

  test('the URL, and no keys', async () => {
    const client = await registered('https://partner.example/jwks.json');
    expect(client).toMatchObject({ jwksUrl: 'https://partner.example/jwks.json' });
    expect(client).not.toHaveProperty('jwks');
  });
});

import { generateKeyPair, SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { authenticate, BearerError } from '../../../src/local/bearer.ts';
import {
  createManagedIdentity,
  deleteManagedIdentity,
  findPrincipal,
} from '../../../src/local/directory/identities.ts';
import { issuerV1 } from '../../../src/local/entra/issuer.ts';
import { issueManagedIdentityToken } from '../../../src/local/entra/managed-identity-token.ts';
import { sign } from '../../../src/local/entra/signing-keys.ts';
import { START, TENANT_ID, testCloud } from '../directory/test-fabric.ts';

const APP = '/subscriptions/s/resourceGroups/rg/providers/Microsoft.Web/sites/app1';
const VAULT = ['https://vault.azure.net'];

function bearing(token: string): Request {
  return new Request('https://kv1.vault.azure.net/secrets', {
    headers: { authorization: `Bearer ${token}` },
  });
}

async function reasonOf(work: Promise<unknown>): Promise<string> {
  const error = await work.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return error instanceof BearerError ? error.reason : `not refused: ${String(error)}`;
}

describe('managed identity', () => {
  test('is made once per resource and found as a service principal', () => {
    const { fabric } = testCloud([]);
    const first = createManagedIdentity(fabric, APP);
    expect(createManagedIdentity(fabric, APP.toUpperCase())).toEqual(first);
    expect(findPrincipal(fabric, first.principalId)).toEqual({
      id: first.principalId,
      type: 'ServicePrincipal',
      displayName: 'app1',
    });
    deleteManagedIdentity(fabric, APP);
    expect(findPrincipal(fabric, first.principalId)).toBeUndefined();
  });

  test('is not found before it is replicated', () => {
    const { fabric, clock } = testCloud([], { graphReplicationMs: 5000 });
    const { principalId } = createManagedIdentity(fabric, APP);
    expect(findPrincipal(fabric, principalId)).toBeUndefined();
    clock.advance(5000);
    expect(findPrincipal(fabric, principalId)?.id).toBe(principalId);
  });

  test('gets a v1 token that the service accepts', async () => {
    const { fabric } = testCloud([]);
    const identity = createManagedIdentity(fabric, APP);
    const token = await issueManagedIdentityToken(fabric, APP, 'https://vault.azure.net');
    expect(token).toMatchObject({ token_type: 'Bearer', client_id: identity.clientId });
    const claims = await authenticate(fabric, bearing(token.access_token), { audiences: VAULT });
    expect(claims).toMatchObject({
      oid: identity.principalId,
      clientId: identity.clientId,
      appOnly: true,
      scopes: [],
    });
    expect(claims.raw).toMatchObject({ iss: issuerV1(fabric), ver: '1.0', idtyp: 'app', xms_mirid: APP });
    expect(Number(token.expires_on)).toBe(START / 1000 + 86_400);
  });

  test('without an identity, or for an unknown audience, there is no token', async () => {
    const { fabric } = testCloud([]);
    await expect(issueManagedIdentityToken(fabric, APP, 'https://vault.azure.net')).rejects.toThrow(
      'AADSTS700016',
    );
    createManagedIdentity(fabric, APP);
    await expect(issueManagedIdentityToken(fabric, APP, 'https://nothing.example')).rejects.toThrow(
      'AADSTS500011',
    );
  });
});

describe('authenticate', () => {
  const { fabric, clock } = testCloud([]);
  const now = START / 1000;
  const good = {
    aud: 'https://vault.azure.net/',
    iss: issuerV1(fabric),
    tid: TENANT_ID,
    oid: 'o',
    appid: 'a',
    uti: 'u',
    nbf: now,
    exp: now + 60,
  };

  test('accepts the audience with or without trailing slash', async () => {
    const claims = await authenticate(fabric, bearing(await sign(fabric, good, 1)), { audiences: VAULT });
    expect(claims.oid).toBe('o');
  });

  test('names what is wrong', async () => {
    const refuse = async (changes: object) =>
      reasonOf(
        authenticate(fabric, bearing(await sign(fabric, { ...good, ...changes }, 1)), { audiences: VAULT }),
      );
    expect(await refuse({ aud: 'https://graph.microsoft.com' })).toBe('audience');
    expect(await refuse({ aud: ['https://vault.azure.net', 'x'] })).toBe('audience');
    expect(await refuse({ iss: 'https://sts.windows.net/other/' })).toBe('issuer');
    expect(await refuse({ tid: 'other' })).toBe('issuer');
    expect(await refuse({ exp: now })).toBe('expired');
    expect(await refuse({ nbf: now + 1 })).toBe('expired');
    expect(await refuse({ oid: '' })).toBe('malformed');
    expect(await refuse({ uti: undefined })).toBe('malformed');
  });

  test('refuses what is no bearer token of this tenant', async () => {
    const check = (headers: Record<string, string>) =>
      reasonOf(
        authenticate(fabric, new Request('https://x.vault.azure.net', { headers }), { audiences: VAULT }),
      );
    expect(await check({})).toBe('missing');
    expect(await check({ authorization: 'Basic eDp5' })).toBe('malformed');
    expect(await check({ authorization: 'Bearer a.b' })).toBe('malformed');
    const { privateKey } = await generateKeyPair('RS256');
    const foreign = await new SignJWT(good)
      .setProtectedHeader({ alg: 'RS256', kid: 'other' })
      .sign(privateKey);
    expect(await check({ authorization: `Bearer ${foreign}` })).toBe('signature');
    const none = `${Buffer.from('{"alg":"none"}').toString('base64url')}.e30.e30`;
    expect(await check({ authorization: `Bearer ${none}` })).toBe('signature');
  });

  test('a token dies with its time', async () => {
    const token = await sign(fabric, good, 1);
    clock.advance(60_000);
    expect(await reasonOf(authenticate(fabric, bearing(token), { audiences: VAULT }))).toBe('expired');
  });
});

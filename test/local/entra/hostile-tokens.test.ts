import { createHmac } from 'node:crypto';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { authenticate, BearerError } from '../../../src/local/bearer.ts';
import { entra } from '../../../src/local/entra/entra.ts';
import { issuerV1, issuerV2 } from '../../../src/local/entra/issuer.ts';
import { publicKeys, sign } from '../../../src/local/entra/signing-keys.ts';
import { graph } from '../../../src/local/graph/graph.ts';
import { START, TENANT_ID, testCloud } from '../directory/test-fabric.ts';

const AUDIENCE = 'https://vault.azure.net';
const cloud = testCloud([entra, graph]);
const { fabric } = cloud;
const now = START / 1000;
const good = {
  aud: AUDIENCE,
  iss: issuerV2(fabric),
  tid: TENANT_ID,
  oid: 'o',
  azp: 'a',
  uti: 'u',
  nbf: now,
  exp: now + 60,
};

let token: string;
let kid: string;
let modulus: string;

beforeAll(async () => {
  token = await sign(fabric, good, 2);
  const [key] = (await publicKeys(fabric)).keys;
  kid = key?.kid ?? '';
  modulus = key?.n ?? '';
});

/** The reason of the refusal, or `accepted`. */
async function verdict(authorization: string): Promise<string> {
  const request = new Request('https://kv1.vault.azure.net/', { headers: { authorization } });
  const result = await authenticate(fabric, request, { audiences: [AUDIENCE] }).catch(
    (error: unknown) => error,
  );
  return result instanceof BearerError ? result.reason : result instanceof Error ? result.name : 'accepted';
}

function part(value: unknown): string {
  return Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');
}

describe('the shape of the header', () => {
  test.each<[string, () => string, string]>([
    ['as it should be', () => `Bearer ${token}`, 'accepted'],
    ['in lower case', () => `bearer ${token}`, 'accepted'],
    ['without a scheme', () => token, 'malformed'],
    ['of another scheme', () => `PoP ${token}`, 'malformed'],
    ['with two spaces', () => `Bearer  ${token}`, 'malformed'],
    ['with two tokens', () => `Bearer ${token}, Bearer ${token}`, 'malformed'],
    ['with something after it', () => `Bearer ${token} x`, 'malformed'],
    ['with four parts', () => `Bearer ${token}.x`, 'malformed'],
    ['with an empty signature', () => `Bearer ${token.slice(0, token.lastIndexOf('.') + 1)}`, 'malformed'],
    ['with characters of Base64 proper', () => `Bearer ${token}+/=`, 'malformed'],
    ['of more than 16 KiB', () => `Bearer ${token}${'A'.repeat(16_384)}`, 'malformed'],
    ['whose first part is no JSON', () => `Bearer ${part('x')}.${token.split('.')[1]}.AAAA`, 'malformed'],
  ])('%s', async (_, header, expected) => {
    expect(await verdict(header())).toBe(expected);
  });
});

describe('the signature', () => {
  test('another payload under the same signature', async () => {
    const [header, , signature] = token.split('.');
    expect(await verdict(`Bearer ${header}.${part({ ...good, oid: 'admin' })}.${signature}`)).toBe(
      'signature',
    );
  });

  test.each(['none', 'None', 'HS256', 'RS384', 'RS512', 'PS256', 'ES256', ''])(
    'alg %j is not RS256',
    async (alg) => {
      const [, payload, signature] = token.split('.');
      expect(await verdict(`Bearer ${part({ alg, kid, typ: 'JWT' })}.${payload}.${signature}`)).toBe(
        'signature',
      );
    },
  );

  test('the public key is no HMAC secret', async () => {
    const body = `${part({ alg: 'HS256', kid })}.${part(good)}`;
    const mac = createHmac('sha256', modulus).update(body).digest('base64url');
    expect(await verdict(`Bearer ${body}.${mac}`)).toBe('signature');
  });

  test.each<[string, (jwk: object) => Record<string, unknown>]>([
    ['a key that came along', (jwk) => ({ jwk })],
    ['a key somewhere else', () => ({ jku: 'https://evil.example/keys' })],
    ['the name of the key of the tenant', () => ({ kid })],
    ['a name that climbs', () => ({ kid: '../../keys' })],
    ['no name at all', () => ({})],
  ])('a foreign key with %s', async (_, header) => {
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    const protectedHeader = { alg: 'RS256', ...header(await exportJWK(publicKey)) };
    const forged = await new SignJWT(good).setProtectedHeader(protectedHeader).sign(privateKey);
    expect(await verdict(`Bearer ${forged}`)).toBe('signature');
  });

  test('an extension that must be understood', async () => {
    const [, payload, signature] = token.split('.');
    const header = part({ alg: 'RS256', kid, crit: ['exp'], exp: 1 });
    expect(['malformed', 'signature']).toContain(await verdict(`Bearer ${header}.${payload}.${signature}`));
  });
});

describe('the claims', () => {
  test.each<[string, object, string]>([
    ['the v1 issuer', { iss: issuerV1(fabric) }, 'accepted'],
    ['the issuer without its version', { iss: issuerV2(fabric).replace('/v2.0', '') }, 'issuer'],
    ['the issuer of Azure itself', { iss: `https://login.microsoftonline.com/${TENANT_ID}/v2.0` }, 'issuer'],
    ['no tenant', { tid: undefined }, 'issuer'],
    ['another tenant', { tid: '99999999-0000-4000-8000-000000000000' }, 'issuer'],
    ['the audience with a slash', { aud: `${AUDIENCE}/` }, 'accepted'],
    ['the audience in capitals', { aud: AUDIENCE.toUpperCase() }, 'accepted'],
    ['the audience with a path', { aud: `${AUDIENCE}/x` }, 'audience'],
    ['an audience that only begins so', { aud: `${AUDIENCE}.evil.example` }, 'audience'],
    ['several audiences', { aud: [AUDIENCE] }, 'audience'],
    ['no audience', { aud: undefined }, 'malformed'],
    ['no end', { exp: undefined }, 'malformed'],
    ['no beginning', { nbf: undefined }, 'malformed'],
    ['an end that is over', { exp: now - 1 }, 'expired'],
    ['a beginning in an hour', { nbf: now + 3600 }, 'expired'],
    ['no object', { oid: undefined }, 'malformed'],
    ['an object that is no text', { oid: 1 }, 'malformed'],
    ['no client', { azp: undefined }, 'malformed'],
    ['the client as v1 tokens name it', { azp: undefined, appid: 'a' }, 'accepted'],
  ])('%s', async (_, changes, expected) => {
    const claims = JSON.parse(JSON.stringify({ ...good, ...changes })) as typeof good;
    expect(await verdict(`Bearer ${await sign(fabric, claims, 2)}`)).toBe(expected);
  });

  test.each<[object, object]>([
    [{ scp: 'a  b' }, { scopes: ['a', 'b'], roles: [], appOnly: false }],
    [{ scp: '' }, { scopes: [], appOnly: false }],
    [{ scp: ['a'] }, { scopes: [], appOnly: false }],
    [{ roles: ['r', 1, null] }, { scopes: [], roles: ['r'], appOnly: true }],
    [{ roles: 'r' }, { roles: [], appOnly: true }],
  ])('%j is read as %j', async (changes, expected) => {
    const authorization = `Bearer ${await sign(fabric, { ...good, ...changes }, 2)}`;
    const request = new Request('https://kv1.vault.azure.net/', { headers: { authorization } });
    expect(await authenticate(fabric, request, { audiences: [AUDIENCE] })).toMatchObject(expected);
  });
});

describe('Graph, over HTTP', () => {
  test.each<[string, object | undefined]>([
    ['nobody', undefined],
    ['a token that is over', { exp: now - 1 }],
    ['another issuer', { iss: 'https://sts.windows.net/other/' }],
    ['another audience', { aud: AUDIENCE }],
  ])('%s is answered 401, in a text of its own', async (_, changes) => {
    const claims = { ...good, aud: 'https://graph.microsoft.com', ...changes };
    const headers = changes === undefined ? {} : { authorization: `Bearer ${await sign(fabric, claims, 1)}` };
    const response = await cloud.fetch(new Request('https://graph.microsoft.com/v1.0/users', { headers }));
    expect(response.status).toBe(401);
    expect(await response.json()).toMatchObject({ error: { code: 'InvalidAuthenticationToken' } });
  });

  test('a token without roles or scopes opens nothing', async () => {
    for (const changes of [{}, { scp: '' }, { scp: 'User.Read' }, { roles: ['User.Read'] }]) {
      const claims = { ...good, aud: 'https://graph.microsoft.com', ...changes };
      const headers = { authorization: `Bearer ${await sign(fabric, claims, 1)}` };
      const response = await cloud.fetch(new Request('https://graph.microsoft.com/v1.0/users', { headers }));
      expect(response.status).toBe(403);
    }
  });

  test('an application permission is none of a user, nor the other way round', async () => {
    const ask = async (changes: object) => {
      const claims = { ...good, aud: 'https://graph.microsoft.com', ...changes };
      const headers = { authorization: `Bearer ${await sign(fabric, claims, 1)}` };
      return (await cloud.fetch(new Request('https://graph.microsoft.com/v1.0/users', { headers }))).status;
    };
    expect(await ask({ scp: 'User.Read.All' })).toBe(200);
    expect(await ask({ roles: ['User.Read.All'] })).toBe(200);
    expect(await ask({ scp: 'openid', roles: ['User.Read.All'] })).toBe(403);
  });
});

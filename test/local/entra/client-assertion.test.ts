import { createHash, X509Certificate } from 'node:crypto';
import {
  type CryptoKey,
  exportJWK,
  importPKCS8,
  type JWTHeaderParameters,
  type JWTPayload,
  SignJWT,
} from 'jose';
import { generate } from 'selfsigned';
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LOGIN_ORIGIN, TENANT_ID } from '../directory/test-fabric.ts';
import { claimsOf, makeTenant, redeem, type Tenant } from './tenant.ts';

const ASSERTION_TYPE = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
const TOKEN = `https://login.microsoftonline.com/${TENANT_ID}/oauth2/v2.0/token`;

let pem: { cert: string; private: string };
let foreign: { cert: string; private: string };
let tenant: Tenant;

beforeAll(async () => {
  const options = {
    keySize: 2048,
    notBeforeDate: new Date('2026-01-01'),
    notAfterDate: new Date('2027-01-01'),
  };
  pem = await generate([{ name: 'commonName', value: 'client' }], options);
  foreign = await generate([{ name: 'commonName', value: 'client' }], options);
});

beforeEach(async () => {
  tenant = await makeTenant();
  await tenant.graph.api(`/applications/${tenant.client.id}`).patch({
    keyCredentials: [
      { type: 'AsymmetricX509Cert', usage: 'Verify', key: derOf(pem.cert).toString('base64') },
    ],
  });
});

function derOf(cert: string): Buffer {
  return new X509Certificate(cert).raw;
}

function thumbprint(cert: string, algorithm: string): string {
  return createHash(algorithm).update(derOf(cert)).digest('base64url');
}

async function assertion(
  claims: JWTPayload = {},
  header: Partial<JWTHeaderParameters> = {},
  key?: CryptoKey,
): Promise<string> {
  const now = Math.floor(tenant.cloud.clock.now() / 1000);
  const all = {
    iss: tenant.client.appId,
    sub: tenant.client.appId,
    aud: TOKEN,
    jti: crypto.randomUUID(),
    nbf: now,
    exp: now + 300,
    ...claims,
  };
  const protectedHeader = { alg: 'RS256', typ: 'JWT', x5t: thumbprint(pem.cert, 'sha1'), ...header };
  const signer = key ?? (await importPKCS8(pem.private, protectedHeader.alg));
  return new SignJWT(all).setProtectedHeader(protectedHeader).sign(signer);
}

async function ask(token: string | Promise<string>) {
  return redeem(tenant, {
    grant_type: 'client_credentials',
    client_secret: undefined,
    redirect_uri: undefined,
    code_verifier: undefined,
    scope: tenant.scope('.default'),
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: await token,
  });
}

async function refusal(token: string | Promise<string>): Promise<string> {
  const body = await ask(token);
  return `${body.error} ${body.error_codes?.[0]}`;
}

describe('client assertion', () => {
  test('RS256 with x5t and PS256 with x5t#S256 are accepted and show as a certificate', async () => {
    expect(claimsOf((await ask(assertion())).access_token)['azpacr']).toBe('2');
    const modern = { alg: 'PS256', x5t: undefined, 'x5t#S256': thumbprint(pem.cert, 'sha256') };
    const accepted = await ask(assertion({}, modern as unknown as JWTHeaderParameters));
    expect(accepted.access_token).toBeDefined();
  });

  test('the audience is a token endpoint or issuer of this tenant', async () => {
    for (const aud of [
      `${LOGIN_ORIGIN}/${TENANT_ID}/oauth2/v2.0/token`,
      `${LOGIN_ORIGIN}/${TENANT_ID}/v2.0`,
    ]) {
      expect((await ask(assertion({ aud }))).access_token).toBeDefined();
    }
    expect(await refusal(assertion({ aud: 'https://gateway.example/auth/token' }))).toBe(
      'invalid_client 700023',
    );
    expect(await refusal(assertion({ aud: [TOKEN, 'https://other.example'] }))).toBe('invalid_client 700023');
  });

  test("SMART's own algorithms are not Entra's", async () => {
    const es384 = await crypto.subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-384' }, true, [
      'sign',
      'verify',
    ]);
    expect(await refusal(assertion({}, { alg: 'ES384' }, es384.privateKey))).toBe('invalid_client 700027');
    expect(await refusal(assertion({}, { alg: 'RS384' }))).toBe('invalid_client 700027');
    expect((await exportJWK(es384.publicKey)).crv).toBe('P-384');
  });

  test('key, issuer and subject must be those of the client', async () => {
    const wrong = 'invalid_client 700027';
    const foreignKey = await importPKCS8(foreign.private, 'RS256');
    expect(await refusal(assertion({}, {}, foreignKey))).toBe(wrong);
    expect(await refusal(assertion({}, { x5t: thumbprint(foreign.cert, 'sha1') }, foreignKey))).toBe(wrong);
    expect(await refusal(assertion({}, { x5t: undefined as unknown as string }))).toBe(wrong);
    expect(await refusal(assertion({ iss: 'someone' }))).toBe(wrong);
    expect(await refusal(assertion({ sub: 'someone' }))).toBe(wrong);
    expect(await refusal(assertion({ jti: undefined as unknown as string }))).toBe(wrong);
  });

  test('times count, with five minutes of leeway', async () => {
    const now = Math.floor(tenant.cloud.clock.now() / 1000);
    expect((await ask(assertion({ nbf: now + 299 }))).access_token).toBeDefined();
    expect(await refusal(assertion({ nbf: now + 301 }))).toBe('invalid_client 700024');
    expect(await refusal(assertion({ exp: now - 301 }))).toBe('invalid_client 700024');
  });

  test('an expired certificate is refused, and so is what is no JWT', async () => {
    const token = await assertion();
    tenant.cloud.clock.advance(60 * 86_400_000);
    expect(await refusal(token)).toBe('invalid_client 700027');
    expect(await refusal('a.b.c')).toBe('invalid_client 50027');
    expect(await refusal('x'.repeat(20_000))).toBe('invalid_client 50027');
  });

  test('a registered certificate keeps its key over a patch that names it, and shows no key', async () => {
    const shown = await tenant.graph.api(`/applications/${tenant.client.id}`).get();
    const [credential] = shown.keyCredentials;
    expect(credential).toMatchObject({ key: null, endDateTime: '2027-01-01T00:00:00.000Z' });
    const { keyId, type, usage } = credential;
    const patch = (body: object) => tenant.graph.api(`/applications/${tenant.client.id}`).patch(body);
    await patch({ keyCredentials: [{ keyId, type, usage }] });
    expect((await ask(assertion())).access_token).toBeDefined();
    await expect(patch({ keyCredentials: [{ type, usage }] })).rejects.toThrow('must have a certificate');
    await expect(patch({ keyCredentials: [{ type, usage, key: 'AAAA' }] })).rejects.toThrow(
      'not a valid X.509',
    );
    await patch({ keyCredentials: [] });
    expect(await refusal(assertion())).toBe('invalid_client 700027');
  });
});

import { exportJWK, generateKeyPair, jwtVerify } from 'jose';
import { describe, expect, test } from 'vitest';
import { validateCallback } from '../../../src/smart/app/callback.ts';
import { clientCredentials, exchangeCode, refreshTokens } from '../../../src/smart/app/token.ts';
import { authenticateClient } from '../../../src/smart/client-auth.ts';
import type { ProfileClient } from '../../../src/smart/server-profile.ts';
import { wireTo } from '../wire.ts';

const TOKEN_URL = 'https://auth.example.org/token';
const client = (more: Partial<ProfileClient>): ProfileClient => ({
  kind: 'public',
  launch: 'standalone',
  clientId: 'app',
  scopes: [],
  ...more,
});
const good = async (): Promise<Response> =>
  Response.json({
    access_token: 'secret-access-token',
    token_type: 'Bearer',
    expires_in: 3600,
    scope: 'openid',
    refresh_token: 'secret-refresh-token',
  });

describe('client authentication', () => {
  test('Basic encodes both parts before base64 (RFC 6749 section 2.3.1)', async () => {
    const { headers, form } = await authenticateClient(
      client({ kind: 'secret', clientId: 'a:b', secret: 'p+s s%/:' }),
      TOKEN_URL,
      0,
    );
    expect(form).toEqual({});
    expect(Buffer.from(String(headers['authorization']).slice(6), 'base64').toString()).toBe(
      'a%3Ab:p%2Bs+s%25%2F%3A',
    );
  });

  test.each(['RS384', 'ES384'])(
    'an assertion under %s verifies and lives at most five minutes',
    async (alg) => {
      const { publicKey, privateKey } = await generateKeyPair(alg, { extractable: true });
      const key = { ...(await exportJWK(privateKey)), kid: 'k1' };
      const now = Date.now();
      const { form } = await authenticateClient(
        client({ kind: 'private_key_jwt', jwks: { keys: [key] } }),
        TOKEN_URL,
        now,
      );
      const { payload, protectedHeader } = await jwtVerify(String(form['client_assertion']), publicKey, {
        audience: TOKEN_URL,
        issuer: 'app',
        subject: 'app',
      });
      expect(protectedHeader).toMatchObject({ alg, kid: 'k1' });
      expect(payload.exp).toBeLessThanOrEqual(Math.floor(now / 1000) + 300);
      expect(payload.jti).toBeTruthy();
    },
  );

  test('refuses keys that cannot sign', async () => {
    await expect(
      authenticateClient(
        client({ kind: 'private_key_jwt', jwks: { keys: [{ kty: 'oct', k: 'x' }] } }),
        TOKEN_URL,
        0,
      ),
    ).rejects.toMatchObject({ code: 'KEY_UNUSABLE' });
    await expect(authenticateClient(client({ kind: 'secret' }), TOKEN_URL, 0)).rejects.toMatchObject({
      code: 'MISSING_INPUT',
    });
  });
});

describe('token requests', () => {
  test('send what each grant prescribes, in the body', async () => {
    const bodies: Record<string, string>[] = [];
    const { wire } = wireTo(async (request) => {
      expect(request.url).toBe(TOKEN_URL);
      expect(request.headers.get('content-type')).toBe('application/x-www-form-urlencoded');
      bodies.push(Object.fromEntries(new URLSearchParams(await request.text())));
      return await good();
    });
    const context = { wire, tokenUrl: TOKEN_URL, client: client({}), now: () => 0 };
    const callback = validateCallback('http://app.localhost/cb?code=c&state=s', {
      state: 's',
      issuer: undefined,
    });
    await exchangeCode(context, callback, { redirectUri: 'http://app.localhost/cb', verifier: 'v' });
    await refreshTokens(context, 'r', 'openid');
    await clientCredentials(context, 'system/*.rs');
    expect(bodies).toEqual([
      {
        grant_type: 'authorization_code',
        code: 'c',
        redirect_uri: 'http://app.localhost/cb',
        code_verifier: 'v',
        client_id: 'app',
      },
      { grant_type: 'refresh_token', refresh_token: 'r', scope: 'openid', client_id: 'app' },
      { grant_type: 'client_credentials', scope: 'system/*.rs', client_id: 'app' },
    ]);
  });

  test('are recorded without their secrets', async () => {
    const { wire, recorder } = wireTo(good);
    await refreshTokens(
      {
        wire,
        tokenUrl: TOKEN_URL,
        client: client({ kind: 'secret', secret: 'the-client-secret' }),
        now: () => 0,
      },
      'an-old-refresh-token',
    );
    const text = JSON.stringify(recorder.exchanges([]).list);
    for (const secret of [
      'secret-access-token',
      'secret-refresh-token',
      'an-old-refresh-token',
      'the-client-secret',
      Buffer.from('app:the-client-secret').toString('base64'),
    ]) {
      expect(text).not.toContain(secret);
    }
    expect(text).toContain('token_type');
  });

  test.each([
    [
      'an OAuth error',
      Response.json({ error: 'invalid_grant', error_description: 'used' }, { status: 400 }),
      'OAUTH_REFUSED',
    ],
    ['a page', new Response('<html>', { status: 200 }), 'RESPONSE_INVALID'],
    ['no token', Response.json({ token_type: 'Bearer' }), 'RESPONSE_INVALID'],
    ['an array', Response.json([]), 'RESPONSE_INVALID'],
  ])('turn %s into a coded error', async (_, response, code) => {
    const { wire } = wireTo(async () => response.clone());
    await expect(
      clientCredentials({ wire, tokenUrl: TOKEN_URL, client: client({}), now: () => 0 }, 's'),
    ).rejects.toMatchObject({ code });
  });
});

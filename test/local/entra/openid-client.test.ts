import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  refreshTokenGrant,
} from 'openid-client';
import { expect, test } from 'vitest';
import { LOGIN_ORIGIN, TENANT_ID } from '../directory/test-fabric.ts';
import { claimsOf, makeTenant, PASSWORD, WEB } from './tenant.ts';

test('openid-client, unmodified: discovery, code flow with PKCE, signature, nonce, refresh', async () => {
  const tenant = await makeTenant();
  tenant.cloud.clock.advance(Date.now() - tenant.cloud.clock.now());
  const config = await discovery(
    new URL(`${LOGIN_ORIGIN}/${TENANT_ID}/v2.0`),
    tenant.client.appId,
    tenant.client.secret,
    undefined,
    {
      execute: [allowInsecureRequests],
      [customFetch]: (url, options) => tenant.cloud.fetch(new Request(url, options as RequestInit)),
    },
  );
  const verifier = randomPKCECodeVerifier();
  const [nonce, state] = [randomNonce(), randomState()];
  const url = buildAuthorizationUrl(config, {
    redirect_uri: WEB,
    scope: `openid profile offline_access ${tenant.scope('patient.Patient.rs')}`,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    nonce,
    state,
  });
  const signIn = await tenant.browser.get(url.href);
  const consent = await tenant.browser.submit(signIn, { loginfmt: tenant.username, passwd: PASSWORD });
  const done = await tenant.browser.submit(consent, { acceptConsent: 'true' });
  const callback = new URL(done.headers.get('location')!);
  const tokens = await authorizationCodeGrant(config, callback, {
    pkceCodeVerifier: verifier,
    expectedNonce: nonce,
    expectedState: state,
    idTokenExpected: true,
  });
  expect(tokens.claims()).toMatchObject({ aud: tenant.client.appId, tid: TENANT_ID, oid: tenant.userId });
  const again = await refreshTokenGrant(config, tokens.refresh_token!);
  expect(claimsOf(again.access_token)['scp']).toBe('patient.Patient.rs');
});

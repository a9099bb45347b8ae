import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { checks } from '../../src/checks/index.ts';
import { runChecks } from '../../src/checks/runner.ts';
import { systemClock } from '../../src/core/clock.ts';
import { authorizeHttpRequest, createAuthorizeRequest } from '../../src/smart/app/authorize-request.ts';
import { validateCallback } from '../../src/smart/app/callback.ts';
import { signIn } from '../../src/smart/app/sign-in.ts';
import { exchangeCode } from '../../src/smart/app/token.ts';
import { chooseClient, chooseUser } from '../../src/smart/launch/choose.ts';
import { wireTo } from '../smart/wire.ts';
import { type ProvisionedStack, restoreStack } from '../support/provisioned-stack.ts';

let stack: ProvisionedStack;
beforeAll(async () => {
  stack = await restoreStack(inject('snapshot'));
});
afterAll(async () => await stack?.close());

async function keptToken(): Promise<string> {
  const { profile, cloud } = stack;
  const client = chooseClient(profile, 'standalone', 'patient-confidential');
  const redirectUri = client.redirectUri ?? '';
  const request = createAuthorizeRequest({
    clientId: client.clientId,
    redirectUri,
    scope: client.scopes.join(' '),
    aud: profile.fhirUrl,
  });
  const { wire } = wireTo(cloud.fetch);
  const start = authorizeHttpRequest(`${new URL(profile.fhirUrl).origin}/auth/authorize`, request.parameters);
  const ended = await signIn({
    wire,
    request: start,
    redirectUri,
    user: chooseUser(profile, 'standalone', undefined),
  });
  if (ended.kind !== 'redirected') throw new Error('no code');
  const context = { wire, tokenUrl: `${new URL(profile.fhirUrl).origin}/auth/token`, client, now: Date.now };
  const callback = validateCallback(ended.url, { state: request.state, issuer: undefined });
  return (
    (await exchangeCode(context, callback, { redirectUri, verifier: request.pkce.verifier })).refreshToken ??
    ''
  );
}

test('a kept refresh token alone lets doctor judge tokens, scopes, context and the FHIR API', async () => {
  const { profile, cloud } = stack;
  const { clientId, secret } = chooseClient(profile, 'standalone', 'patient-confidential');
  const client = {
    kind: 'secret' as const,
    launch: 'standalone' as const,
    clientId,
    scopes: [],
    refreshToken: await keptToken(),
    ...(secret === undefined ? {} : { secret }),
  };
  const document = await runChecks({
    checks,
    profile: {
      fhirUrl: profile.fhirUrl,
      clients: { app: client },
      users: {},
      patients: [],
      ...(profile.otherPatient === undefined ? {} : { otherPatient: profile.otherPatient }),
    },
    fetch: cloud.fetch,
    clock: systemClock,
    version: '0.0.0',
  });
  const outcomes = new Map(document.results.map((result) => [result.id, result.outcome]));
  for (const id of [
    'token/no-store',
    'context/patient-readable',
    'scopes/other-patient-read',
    'scopes/unfiltered-search',
    'fhir/tampered-token',
    'refresh/response',
  ]) {
    expect(outcomes.get(id), id).toBe('pass');
  }
  for (const id of ['launch/code-issued', 'oidc/nonce', 'token/id-token-issued'])
    expect(outcomes.get(id), id).toBe('skip');
  const odd = document.results.filter(
    (result) => result.outcome === 'fail' || result.outcome === 'error' || result.outcome === 'warn',
  );
  expect(odd.map(({ id, message }) => ({ id, message }))).toEqual([]);
});

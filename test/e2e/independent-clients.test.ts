import { ApiManagementClient } from '@azure/arm-apimanagement';
import { ClientSecretCredential } from '@azure/identity';
import { Client, type Middleware, MiddlewareFactory } from '@microsoft/microsoft-graph-client';
import { TokenCredentialAuthenticationProvider } from '@microsoft/microsoft-graph-client/authProviders/azureTokenCredentials/index.js';
import {
  allowInsecureRequests,
  authorizationCodeGrant,
  buildAuthorizationUrl,
  ClientSecretBasic,
  Configuration,
  calculatePKCECodeChallenge,
  customFetch,
  discovery,
  fetchUserInfo,
  randomNonce,
  randomPKCECodeVerifier,
  randomState,
  refreshTokenGrant,
  type ServerMetadata,
  tokenIntrospection,
  tokenRevocation,
} from 'openid-client';
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { httpClientOf } from '../../src/azure/http-client.ts';
import { type ProvisionedStack, restoreStack } from '../support/provisioned-stack.ts';
import { FormDriver } from './form-driver.ts';

let stack: ProvisionedStack;

beforeAll(async () => {
  stack = await restoreStack(inject('snapshot'));
});

afterAll(() => stack?.close());

function defined<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the stack lacks something that every stack has');
  return value;
}

/** Other people's clients call `fetch(url, init)`. */
const fetchLike = (url: string, init?: object): Promise<Response> =>
  stack.cloud.fetch(new Request(url, init as RequestInit));

async function smartConfiguration(): Promise<ServerMetadata> {
  const response = await fetchLike(`${stack.outputs.fhirUrl}/.well-known/smart-configuration`);
  return (await response.json()) as ServerMetadata;
}

async function openidConfiguration(metadata: ServerMetadata, name: string): Promise<Configuration> {
  const { clientId, secret } = defined(stack.profile.clients[name]);
  const configuration = new Configuration(
    metadata,
    clientId,
    undefined,
    secret === undefined ? undefined : ClientSecretBasic(secret),
  );
  allowInsecureRequests(configuration);
  configuration[customFetch] = fetchLike as never;
  return configuration;
}

/** What a SMART app does beside OpenID Connect: `aud`. */
async function authorize(
  configuration: Configuration,
  redirectUri: string,
  scope: string,
  untick: string[] = [],
) {
  const [verifier, nonce, state] = [randomPKCECodeVerifier(), randomNonce(), randomState()];
  const url = buildAuthorizationUrl(configuration, {
    redirect_uri: redirectUri,
    scope,
    aud: stack.outputs.fhirUrl,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    nonce,
    state,
  });
  const user = defined(stack.profile.users['patient']);
  const driver = new FormDriver(stack.cloud.fetch);
  const callback = await driver.walk(
    url.href,
    redirectUri,
    { loginfmt: user.username, passwd: user.password },
    untick,
  );
  const checks = { pkceCodeVerifier: verifier, expectedNonce: nonce, expectedState: state };
  return { callback, checks, titles: driver.titles };
}

describe('openid-client', () => {
  const SCOPE = 'launch/patient openid fhirUser offline_access patient/*.rs';

  test('goes through a whole standalone launch: sign-in, tokens, id_token, read, refresh', async () => {
    const metadata = await smartConfiguration();
    const client = defined(stack.profile.clients['patient-confidential']);
    const configuration = await openidConfiguration(metadata, 'patient-confidential');
    const { callback, checks, titles } = await authorize(configuration, defined(client.redirectUri), SCOPE);
    expect(titles).toEqual(['Sign in to your account', 'Choose what the app may see']);

    const tokens = await authorizationCodeGrant(configuration, callback, {
      ...checks,
      idTokenExpected: true,
    });
    expect(tokens).toMatchObject({ token_type: 'bearer', scope: SCOPE, patient: 'patient-a' });
    // openid-client compared iss, aud, nonce, times and signature with what was discovered.
    expect(tokens.claims()).toMatchObject({
      iss: metadata.issuer,
      aud: client.clientId,
      fhirUser: `${stack.outputs.fhirUrl}/Patient/patient-a`,
    });
    expect((await read('Patient/patient-a', tokens.access_token)).status).toBe(200);
    expect((await read('Patient/patient-b', tokens.access_token)).status).toBe(403);

    const renewed = await refreshTokenGrant(configuration, defined(tokens.refresh_token));
    expect(renewed).toMatchObject({ scope: SCOPE, patient: 'patient-a' });
    expect(renewed.access_token).not.toBe(tokens.access_token);
    const search = await read('Observation?patient=patient-a&_count=2', renewed.access_token);
    expect(await search.json()).toMatchObject({ resourceType: 'Bundle', type: 'searchset' });
  });

  test('a public client gets what its user left ticked, and revocation ends it', async () => {
    const configuration = await openidConfiguration(await smartConfiguration(), 'patient-public');
    const { redirectUri } = defined(stack.profile.clients['patient-public']);
    const { callback, checks } = await authorize(configuration, defined(redirectUri), SCOPE, [
      'offline_access',
    ]);
    const tokens = await authorizationCodeGrant(configuration, callback, checks);
    expect(tokens.scope).toBe('launch/patient openid fhirUser patient/*.rs');
    expect(tokens.refresh_token).toBeUndefined();

    const introspector = await openidConfiguration(await smartConfiguration(), 'introspector');
    const known = await tokenIntrospection(introspector, tokens.access_token);
    expect(known).toMatchObject({ active: true, scope: tokens.scope, patient: 'patient-a' });
    await tokenRevocation(configuration, tokens.access_token);
    expect(await tokenIntrospection(introspector, tokens.access_token)).toEqual({ active: false });
    expect((await read('Patient/patient-a', tokens.access_token)).status).toBe(401);
  });

  test('the issuer that SMART names is an OpenID provider of its own', async () => {
    const { issuer, jwks_uri } = await smartConfiguration();
    const found = await discovery(new URL(issuer), 'anybody', undefined, undefined, {
      execute: [allowInsecureRequests],
      [customFetch]: fetchLike as never,
    });
    expect(found.serverMetadata()).toMatchObject({ issuer, jwks_uri });
    // The FHIR service's tokens are not for the user info endpoint.
    await expect(fetchUserInfo(found, 'no token', 'nobody')).rejects.toThrow();
  });

  function read(path: string, token: string): Promise<Response> {
    return fetchLike(`${stack.outputs.fhirUrl}/${path}`, { headers: { authorization: `Bearer ${token}` } });
  }
});

function credential(): ClientSecretCredential {
  const { deployer, fabric } = stack.cloud;
  return new ClientSecretCredential(fabric.tenantId, deployer.clientId, deployer.clientSecret, {
    httpClient: httpClientOf(stack.cloud.fetch),
  });
}

describe('@azure/identity and the Graph client', () => {
  test('read the app registration that apply made', async () => {
    const authProvider = new TokenCredentialAuthenticationProvider(credential(), {
      scopes: ['https://graph.microsoft.com/.default'],
    });
    const graph = Client.initWithMiddleware({ middleware: chain(authProvider) });
    const { clientId } = defined(stack.outputs.clients.find(({ name }) => name === 'patient-confidential'));
    const app = (await graph.api(`/applications(appId='${clientId}')`).get()) as Record<string, unknown>;
    expect(app).toMatchObject({
      displayName: 'smart-demo local patient-confidential',
      signInAudience: 'AzureADMyOrg',
      web: { redirectUris: [`${stack.outputs.fhirUrl.replace(/fhir$/, 'auth')}/callback`] },
    });
    const page = (await graph
      .api('/applications')
      .filter(`appId eq '${clientId}'`)
      .select('id,appId')
      .get()) as {
      value: unknown[];
    };
    expect(page.value).toEqual([{ id: app['id'], appId: clientId }]);
  });

  test('a wrong secret is refused with the code that everybody knows', async () => {
    const { deployer, fabric } = stack.cloud;
    const wrong = new ClientSecretCredential(fabric.tenantId, deployer.clientId, 'not-the-secret', {
      httpClient: httpClientOf(stack.cloud.fetch),
    });
    await expect(wrong.getToken('https://graph.microsoft.com/.default')).rejects.toThrow(/AADSTS7000215/);
  });

  /** The client's own middleware; the last one, which sends, sends to the cloud. */
  function chain(authProvider: TokenCredentialAuthenticationProvider): Middleware {
    const own = MiddlewareFactory.getDefaultMiddlewareChain(authProvider).slice(0, -1);
    const send: Middleware = {
      execute: async (context) => {
        context.response = await stack.cloud.fetch(
          new Request(context.request, context.options as RequestInit),
        );
      },
    };
    const all = [...own, send];
    for (const [index, middleware] of all.entries()) middleware.setNext?.(all[index + 1] as Middleware);
    return defined(all[0]);
  }
});

describe('@azure/arm-apimanagement', () => {
  const GOOD = `<policies>
  <inbound>
    <base />
    <return-response>
      <set-status code="418" reason="teapot" />
      <set-header name="X-Pushed" exists-action="override"><value>@(context.Operation.Id)</value></set-header>
    </return-response>
  </inbound>
  <backend><base /></backend>
  <outbound><base /></outbound>
  <on-error><base /></on-error>
</policies>`;
  const BROKEN = GOOD.replace(
    '  </inbound>',
    '    <set-variable name="x" value="@(context.Nothing)" />\n  </inbound>',
  )
    .replace('      <set-status code="418" reason="teapot" />\n', '')
    .replace('X-Pushed', 'X-Broken');

  test('pushes an operation policy that holds from the next request on; a broken one changes nothing', async () => {
    const { apiManagementId, subscriptionId } = stack.outputs.azure;
    const [group, service] = [apiManagementId.split('/')[4] ?? '', apiManagementId.split('/').at(-1) ?? ''];
    const client = new ApiManagementClient(credential(), subscriptionId, {
      endpoint: 'https://management.azure.com',
      credentialScopes: 'https://management.azure.com/.default',
      httpClient: httpClientOf(stack.cloud.fetch),
    });
    const operations = [];
    for await (const operation of client.apiOperation.listByApi(group, service, 'smart-fhir'))
      operations.push(operation);
    const operation = defined(operations.find((one) => one.urlTemplate === '/smart-style.json'));
    const target = [group, service, 'smart-fhir', operation.name ?? '', 'policy'] as const;
    const url = `${stack.outputs.fhirUrl}/smart-style.json`;
    expect((await fetchLike(url)).status).toBe(200);

    await client.apiOperationPolicy.createOrUpdate(
      ...target,
      { format: 'rawxml', value: GOOD },
      { ifMatch: '*' },
    );
    const after = await fetchLike(url);
    expect([after.status, after.headers.get('x-pushed')]).toEqual([418, operation.name]);
    expect((await fetchLike(`${stack.outputs.fhirUrl}/metadata`)).status).toBe(200);

    expect(BROKEN.split('\n')[6]).toContain('context.Nothing');
    const attempt = client.apiOperationPolicy.createOrUpdate(
      ...target,
      { format: 'rawxml', value: BROKEN },
      { ifMatch: '*' },
    );
    const refusal = (await attempt.catch((error: unknown) => error)) as {
      statusCode: number;
      code: string;
      response: { bodyAsText: string };
    };
    expect(refusal).toMatchObject({ statusCode: 400, code: 'ValidationError' });
    expect(refusal.response.bodyAsText).toMatch(/'set-variable' on line 7, column \d+/);
    expect((await fetchLike(url)).headers.get('x-pushed')).toBe(operation.name);
  });
});

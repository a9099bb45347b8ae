import { ApiManagementClient } from '@azure/arm-apimanagement';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { apimGateway } from '../../../src/local/apim/gateway.ts';
import { entra } from '../../../src/local/entra/entra.ts';
import type { StandIn, StandInFactory, Timing } from '../../../src/local/fabric.ts';
import { keyVault } from '../../../src/local/key-vault/key-vault.ts';
import { GROUP, type SmallCloud, SUBSCRIPTION, smallCloud, withGroup } from '../arm/small-cloud.ts';

export const SERVICE = `${GROUP}/providers/Microsoft.ApiManagement/service/apim-1`;
export const GATEWAY = 'https://apim-1.azure-api.net';

/** An issuer of tokens that is not the tenant's, with discovery and keys that a test can change. */
export interface FakeIssuer {
  readonly configUrl: string;
  readonly issuer: string;
  /** How often its key set was fetched. */
  fetches: number;
  /** Adds a key to the set; tokens are signed with the newest one. */
  rotate(): Promise<void>;
  down: boolean;
  token(claims?: Record<string, unknown>, options?: { expiresIn?: number }): Promise<string>;
}

export interface Received {
  readonly method: string;
  readonly url: string;
  readonly headers: Headers;
  readonly body: string;
}

export interface ApimCloud extends SmallCloud {
  readonly issuer: FakeIssuer;
  /** What the backend app1.azurewebsites.net received, in order. */
  readonly received: Received[];
  /** What it answers next; default: 200 with a small JSON. */
  answer: (request: Request) => Response | Promise<Response>;
  readonly client: ApiManagementClient;
  /** PUTs a policy at a scope below the service: `''`, `/apis/a`, `/apis/a/operations/o`. */
  policy(scope: string, xml: string, format?: 'rawxml' | 'xml'): ReturnType<SmallCloud['arm']>;
  namedValue(name: string, value: string): Promise<void>;
  call(path: string, init?: RequestInit): Promise<Response>;
}

/** A cloud with one API Management service, API `a` at `/a` and operations GET and POST `/*`. */
export async function apimCloud(sku = 'Developer', timing: Partial<Timing> = {}): Promise<ApimCloud> {
  const received: Received[] = [];
  const state: Pick<ApimCloud, 'answer'> = { answer: () => Response.json({ ok: true }) };
  const backend: StandIn = {
    name: 'backend',
    serves: (host) => host === 'app1.azurewebsites.net',
    fetch: async (request) => {
      const copy = request.clone();
      received.push({
        method: request.method,
        url: request.url,
        headers: request.headers,
        body: await copy.text(),
      });
      return state.answer(request);
    },
  };
  const time = { now: () => Date.now() };
  const issuer = await fakeIssuer(() => time.now());
  const cloud = withVersion(
    await withGroup(smallCloud([signIn, keyVault, apimGateway, () => backend, () => issuer.standIn], timing)),
  );
  time.now = () => cloud.clock.now();
  await cloud.arm(
    'POST',
    `/subscriptions/${SUBSCRIPTION}/providers/Microsoft.ApiManagement/register`,
    undefined,
    {
      version: '2025-04-01',
    },
  );
  const settle = (): void => cloud.clock.advance(10 * (timing.armOperationMs ?? 0));
  settle();
  const client = new ApiManagementClient(cloud.owner.credential, SUBSCRIPTION, {
    endpoint: 'https://management.azure.com',
    credentialScopes: 'https://management.azure.com/.default',
    httpClient: cloud.httpClient,
  });
  await cloud.arm('PUT', SERVICE, {
    location: 'eastus',
    sku: { name: sku, capacity: sku === 'Consumption' ? 0 : 1 },
    identity: { type: 'SystemAssigned' },
    properties: { publisherEmail: 'a@example.org', publisherName: 'A' },
  });
  settle();
  const whole: ApimCloud = Object.assign(cloud, state, {
    received,
    issuer: issuer.issuer,
    client,
    policy: (scope: string, value: string, format: 'rawxml' | 'xml' = 'rawxml') =>
      cloud.arm('PUT', `${SERVICE}${scope}/policies/policy`, { properties: { format, value } }),
    namedValue: async (name: string, value: string) => {
      await cloud.arm('PUT', `${SERVICE}/namedValues/${name}`, { properties: { displayName: name, value } });
    },
    call: (path: string, init?: RequestInit) => cloud.fetch(new Request(`${GATEWAY}${path}`, init)),
  });
  // The backend reads the answer from the object the test changes.
  state.answer = (request) => whole.answer(request);
  whole.answer = () => Response.json({ ok: true });
  await api(whole, 'a');
  return whole;
}

/** Made once: RSA keys take their time. */
const FIRST_KEY = generateKeyPair('RS256', { extractable: true });

async function fakeIssuer(now: () => number): Promise<{ issuer: FakeIssuer; standIn: StandIn }> {
  const base = 'https://issuer.example.org';
  const pairs: { kid: string; privateKey: CryptoKey; jwk: JWK }[] = [];
  const issuer: FakeIssuer = {
    configUrl: `${base}/.well-known/openid-configuration`,
    issuer: base,
    fetches: 0,
    down: false,
    rotate: async () => {
      const { privateKey, publicKey } = await (pairs.length === 0 ? FIRST_KEY : generateKeyPair('RS256'));
      const kid = `k${pairs.length}`;
      pairs.push({
        kid,
        privateKey,
        jwk: { ...(await exportJWK(publicKey)), kid, use: 'sig', alg: 'RS256' },
      });
    },
    token: async (claims = {}, options = {}) => {
      const { kid, privateKey } = pairs.at(-1)!;
      const seconds = Math.floor(now() / 1000);
      return new SignJWT({ iss: base, aud: 'aud-1', sub: 's', ...claims })
        .setProtectedHeader({ alg: 'RS256', kid })
        .setExpirationTime(seconds + (options.expiresIn ?? 300))
        .sign(privateKey);
    },
  };
  await issuer.rotate();
  const standIn: StandIn = {
    name: 'issuer',
    serves: (host) => host === 'issuer.example.org',
    fetch: async (request) => {
      if (issuer.down) return new Response('down', { status: 503 });
      if (new URL(request.url).pathname === '/keys') {
        issuer.fetches += 1;
        return Response.json({ keys: pairs.map(({ jwk }) => jwk) });
      }
      return Response.json({ issuer: base, jwks_uri: `${base}/keys` });
    },
  };
  return { issuer, standIn };
}

/** Entra, at the browser-facing origin too: that is where its metadata says the keys are. */
const signIn: StandInFactory = (fabric) => {
  const standIn = entra(fabric);
  return {
    ...standIn,
    serves: (host) => standIn.serves(host) || host === new URL(fabric.origins.login).hostname,
  };
};

function withVersion(cloud: SmallCloud): SmallCloud {
  const arm: SmallCloud['arm'] = (method, path, body, options) =>
    cloud.arm(
      method,
      path,
      body,
      /\/Microsoft\.ApiManagement\/[sld]/.test(path) ? { version: '2024-05-01', ...options } : options,
    );
  return { ...cloud, arm };
}

export async function api(
  cloud: ApimCloud,
  name: string,
  properties: Record<string, unknown> = {},
): Promise<void> {
  await cloud.arm('PUT', `${SERVICE}/apis/${name}`, {
    properties: {
      displayName: name,
      path: name,
      protocols: ['https'],
      subscriptionRequired: false,
      serviceUrl: 'https://app1.azurewebsites.net/api',
      ...properties,
    },
  });
  cloud.clock.advance(10 * cloud.fabric.timing.armOperationMs);
  for (const method of ['GET', 'POST']) await operation(cloud, name, method, '/*');
}

export async function operation(
  cloud: ApimCloud,
  apiName: string,
  method: string,
  urlTemplate: string,
  id = method.toLowerCase(),
): Promise<void> {
  const templateParameters = [...urlTemplate.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    name,
    type: 'string',
    required: true,
  }));
  const answer = await cloud.arm('PUT', `${SERVICE}/apis/${apiName}/operations/${id}`, {
    properties: { displayName: id, method, urlTemplate, templateParameters },
  });
  if (answer.status > 201) throw new Error(JSON.stringify(answer.body));
}

/** A policy document with the given sections; absent ones only hand on to the parent. */
export function policies(sections: {
  inbound?: string;
  backend?: string;
  outbound?: string;
  onError?: string;
}): string {
  const base = '<base />';
  return `<policies>
  <inbound>${sections.inbound ?? base}</inbound>
  <backend>${sections.backend ?? base}</backend>
  <outbound>${sections.outbound ?? base}</outbound>
  <on-error>${sections.onError ?? base}</on-error>
</policies>`;
}

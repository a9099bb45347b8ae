import { randomBytes } from 'node:crypto';
import { exportJWK, generateKeyPair, type JWK } from 'jose';
import { manualClock } from '../../src/core/clock.ts';
import { randomToken, sha256 } from '../../src/core/ids.ts';
import type { LogLine } from '../../src/functions/context.ts';
import { createGateway } from '../../src/functions/gateway.ts';
import type { GatewaySettings } from '../../src/functions/settings.ts';
import { ASSERTION_TYPE, signAssertion } from '../../src/smart/assertion.ts';
import type { ClientRegistration } from '../../src/smart/registration.ts';
import {
  AUDIENCE,
  AUTHORITY,
  BLOB,
  type FakeUser,
  FHIR,
  fakeBlobs,
  fakeEntra,
  fakeFhir,
  fakeTables,
  identity,
  TABLE,
  VAULT,
} from './fakes.ts';

export const PUBLIC = 'http://localhost:7000';
export const BASE = `${PUBLIC}/fhir`;
export const AUTH = `${PUBLIC}/auth`;
export const FILES = 'http://localhost:7002/api/files';
export const REDIRECT = 'https://app.example.org/cb';

export const PATIENT_USER: FakeUser = {
  oid: 'oid-patient',
  username: 'patient@example.org',
  fhirUser: `${BASE}/Patient/patient-a`,
};
export const PRACTITIONER_USER: FakeUser = {
  oid: 'oid-practitioner',
  username: 'doc@example.org',
  fhirUser: `${BASE}/Practitioner/practitioner-1`,
};

const PATIENT_SCOPES = ['openid', 'fhirUser', 'profile', 'launch/patient', 'offline_access', 'patient/*.rs'];
const client = (name: string, overrides: Partial<ClientRegistration>): ClientRegistration => ({
  name,
  clientId: `id-${name}`,
  auth: 'secret',
  launch: 'standalone',
  redirectUris: [REDIRECT, `${REDIRECT}2`],
  launchUris: [],
  origins: [],
  scopes: PATIENT_SCOPES,
  permissions: [],
  ...overrides,
});

const clientPair = generateKeyPair('ES384', { extractable: true });

export type World = Awaited<ReturnType<typeof createWorld>>;

/** The gateway between fakes. `instance()` makes a second one over the same storage. */
export async function createWorld() {
  const clock = manualClock(Date.parse('2026-11-24T20:00:00Z'));
  const { publicKey, privateKey } = await clientPair;
  const backendKey: JWK = { ...(await exportJWK(privateKey)), kid: 'k1', alg: 'ES384' };
  const jwks = { keys: [{ ...(await exportJWK(publicKey)), kid: 'k1', alg: 'ES384' }] };
  const clients = [
    client('confidential', {}),
    client('other', {}),
    client('public', { auth: 'public', origins: ['https://app.example.org'] }),
    client('v1', { scopes: [...PATIENT_SCOPES.slice(0, 5), 'patient/*.read'] }),
    client('ehr-app', {
      launch: 'ehr',
      scopes: ['openid', 'fhirUser', 'launch', 'offline_access', 'user/*.rs', 'patient/*.rs'],
    }),
    client('asymmetric', { auth: 'private_key_jwt', jwks }),
    client('backend', {
      auth: 'private_key_jwt',
      launch: 'backend',
      scopes: ['system/*.rs'],
      redirectUris: [],
      jwks,
    }),
    client('backend-2', {
      auth: 'private_key_jwt',
      launch: 'backend',
      scopes: ['system/*.rs'],
      redirectUris: [],
      jwks,
    }),
    client('ehr', { launch: 'none', scopes: [], redirectUris: [], permissions: ['launch.create'] }),
    client('introspector', { launch: 'none', scopes: [], redirectUris: [], permissions: ['introspect'] }),
  ];
  const apps = new Map(
    clients.map((one) => [
      one.clientId,
      {
        ...(one.auth === 'public' ? {} : { secret: `secret-${one.name}` }),
        roles: one.name === 'ehr' ? ['launch.create'] : one.launch === 'backend' ? ['system.all.rs'] : [],
      },
    ]),
  );
  apps.set('sign-in', { secret: 'sign-in-secret', roles: [] });
  const entra = await fakeEntra(clock, apps);
  const tables = fakeTables();
  const fhir = fakeFhir();
  const blobs = fakeBlobs();
  const log: LogLine[] = [];
  const settings: GatewaySettings = {
    publicUrl: PUBLIC,
    filesUrl: FILES,
    fhirUrl: FHIR,
    fhirAudience: AUDIENCE,
    scopePrefix: `api://${AUDIENCE}`,
    authority: AUTHORITY,
    signInClientId: 'sign-in',
    signInClientSecret: 'sign-in-secret',
    sessionKey: new Uint8Array(randomBytes(32)),
    tableUrl: TABLE.replace(/\/$/, ''),
    blobUrl: BLOB.replace(/\/$/, ''),
    vaultUrl: VAULT,
    clients,
    launchRole: 'launch.create',
  };
  const route = async (request: Request): Promise<Response> => {
    const { origin, pathname } = new URL(request.url);
    if (`${origin}/` === TABLE) return tables.fetch(request);
    if (`${origin}/` === BLOB) return blobs.fetch(request);
    if (origin === FHIR) return fhir.fetch(request);
    if (origin === VAULT) {
      const name = pathname.split('/').at(-1) ?? '';
      const secret = apps.get(name)?.secret;
      return secret === undefined ? new Response(null, { status: 404 }) : Response.json({ value: secret });
    }
    return entra.fetch(request);
  };
  const instance = () =>
    createGateway(settings, {
      fetch: route,
      credential: identity,
      clock,
      random: randomToken,
      log: (line) => log.push(line),
    });
  const gateway = instance();
  return {
    clock,
    settings,
    entra,
    tables,
    fhir,
    blobs,
    log,
    gateway,
    instance,
    backendKey,
    fetch: gateway.fetch,
  };
}

/** GET or form POST to the gateway, as a path below its public URL. */
export function send(world: World, path: string, init: RequestInit = {}): Promise<Response> {
  // Clients see {PUBLIC}/fhir and /auth; the host strips /api before the gateway gets it.
  return world.gateway.fetch(new Request(path.startsWith('http') ? path : `${PUBLIC}${path}`, init));
}

export function post(
  world: World,
  path: string,
  form: Record<string, string> | URLSearchParams,
  headers: Record<string, string> = {},
) {
  return send(world, path, {
    method: 'POST',
    headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
    body: new URLSearchParams(form).toString(),
  });
}

export const VERIFIER = 'v'.repeat(50);

export function authorizeParameters(overrides: Record<string, string | undefined> = {}): URLSearchParams {
  const parameters: Record<string, string | undefined> = {
    response_type: 'code',
    client_id: 'id-confidential',
    redirect_uri: REDIRECT,
    scope: 'openid fhirUser launch/patient offline_access patient/*.rs',
    state: 'st+/=& te',
    aud: BASE,
    code_challenge: sha256(VERIFIER),
    code_challenge_method: 'S256',
    ...overrides,
  };
  return new URLSearchParams(
    Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined),
  );
}

export const authorizeUrl = (overrides: Record<string, string | undefined> = {}): string =>
  `/auth/authorize?${authorizeParameters(overrides)}`;

export function basic(name: string, secret = `secret-${name}`): Record<string, string> {
  return { authorization: `Basic ${Buffer.from(`id-${name}:${secret}`).toString('base64')}` };
}

export interface FlowOptions {
  readonly parameters?: Record<string, string | undefined>;
  readonly user?: FakeUser;
  /** Which of the offered scopes stay ticked; all by default. */
  readonly choose?: (scope: string) => boolean;
  readonly decision?: 'allow' | 'deny';
}

/** authorize → sign-in → page. */
export async function toPage(world: World, options: FlowOptions = {}) {
  const started = await send(world, authorizeUrl(options.parameters));
  const cookie = started.headers.getSetCookie()[0]?.split(';')[0] ?? '';
  const nothing = { html: '', cookie, transaction: '', csrf: '', scopes: [] };
  if (cookie === '') return { response: started, ...nothing };
  const back = world.entra.signIn(started.headers.get('location') ?? '', options.user ?? PATIENT_USER);
  const response = await send(world, back, { headers: { cookie } });
  const html =
    response.headers.get('content-type')?.startsWith('text/html') === true
      ? await response.clone().text()
      : '';
  const field = (name: string): string => new RegExp(`name="${name}" value="([^"]*)"`).exec(html)?.[1] ?? '';
  const scopes = [...html.matchAll(/name="scope" value="([^"]*)" checked/g)].map((match) =>
    (match[1] ?? '').replaceAll('&amp;', '&'),
  );
  return { response, html, cookie, transaction: field('transaction'), csrf: field('csrf'), scopes };
}

/** … → page → Entra → the client's redirect URI. */
export async function toRedirect(world: World, options: FlowOptions = {}): Promise<URL> {
  const page = await toPage(world, options);
  if (page.html === '') return new URL(page.response.headers.get('location') ?? '');
  const form = new URLSearchParams({
    transaction: page.transaction,
    csrf: page.csrf,
    decision: options.decision ?? 'allow',
  });
  for (const scope of page.scopes.filter(options.choose ?? (() => true))) form.append('scope', scope);
  const chosen = await post(world, '/auth/choose', form, { cookie: page.cookie });
  const location = chosen.headers.get('location') ?? '';
  if (!location.startsWith('http://127.0.0.1:7001')) return new URL(location);
  const done = await send(world, world.entra.signIn(location, options.user ?? PATIENT_USER), {
    headers: { cookie: page.cookie },
  });
  return new URL(done.headers.get('location') ?? '');
}

export interface TokenBody extends Record<string, unknown> {
  readonly access_token: string;
  readonly refresh_token: string;
  readonly scope: string;
}

export const codeForm = (code: string): Record<string, string> => ({
  grant_type: 'authorization_code',
  code,
  redirect_uri: REDIRECT,
  code_verifier: VERIFIER,
});

/** The whole launch of a secret client. */
export async function launchApp(world: World, options: FlowOptions = {}, name = 'confidential') {
  const redirect = await toRedirect(world, {
    ...options,
    parameters: { client_id: `id-${name}`, ...options.parameters },
  });
  const code = redirect.searchParams.get('code') ?? '';
  const response = await post(world, '/auth/token', codeForm(code), basic(name));
  return { code, response, body: (await response.clone().json()) as TokenBody };
}

export async function assertion(
  world: World,
  name = 'backend',
  overrides: Partial<Parameters<typeof signAssertion>[0]> = {},
) {
  return signAssertion({
    clientId: `id-${name}`,
    audience: `${AUTH}/token`,
    key: world.backendKey,
    jti: randomToken(),
    now: world.clock.now(),
    ...overrides,
  });
}

export async function backendToken(world: World, name = 'backend', scope = 'system/*.rs') {
  const response = await post(world, '/auth/token', {
    grant_type: 'client_credentials',
    scope,
    client_assertion_type: ASSERTION_TYPE,
    client_assertion: await assertion(world, name),
  });
  return { response, body: (await response.clone().json()) as TokenBody };
}

/** A FHIR request with a token. */
export function fhir(world: World, token: string, path: string, init: RequestInit = {}): Promise<Response> {
  return send(world, `/fhir/${path}`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, ...init.headers },
  });
}

import { randomBytes } from 'node:crypto';
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose';
import { sha256 } from '../../src/core/ids.ts';
import type { Credential } from '../../src/core/target.ts';

export const TENANT = '11111111-1111-4111-8111-111111111111';
export const AUTHORITY = `https://login.microsoftonline.com/${TENANT}/v2.0`;
const ISSUER = `http://127.0.0.1:7001/${TENANT}/v2.0`;
const TOKEN_ENDPOINT = `http://127.0.0.1:7001/${TENANT}/oauth2/v2.0/token`;
export const AUDIENCE = '22222222-2222-4222-8222-222222222222';
export const FHIR = 'https://ws-fhir.fhir.azurehealthcareapis.com';
export const TABLE = 'https://acct.table.core.windows.net/';
export const BLOB = 'https://acct.blob.core.windows.net/';
export const VAULT = 'https://vault.vault.azure.net';

export const identity: Credential = {
  getToken: async (scopes) => ({ token: `identity for ${String(scopes)}`, expiresOnTimestamp: 2 ** 50 }),
};

/** In-memory Table storage: ETags, one table made on first use, string comparisons in filters. */
export function fakeTables() {
  const tables = new Map<string, Map<string, { entity: Record<string, unknown>; etag: string }>>();
  let version = 0;
  const error = (status: number, code: string): Response =>
    Response.json({ 'odata.error': { code } }, { status, headers: { 'x-ms-error-code': code } });
  return {
    tables,
    fetch: async (request: Request): Promise<Response> => {
      if (!request.headers.get('authorization')?.includes('storage.azure.com'))
        return error(403, 'AuthorizationFailure');
      const url = new URL(request.url);
      const path = decodeURIComponent(url.pathname.slice(1));
      const body = request.body === null ? undefined : ((await request.json()) as Record<string, unknown>);
      if (path === 'Tables') {
        const name = String(body?.['TableName']);
        if (tables.has(name)) return error(409, 'TableAlreadyExists');
        tables.set(name, new Map());
        return new Response(null, { status: 201 });
      }
      const match = /^(\w+)(?:\((?:PartitionKey='(.*)',RowKey='(.*)')?\))?$/.exec(path);
      const table = tables.get(match?.[1] ?? '');
      if (table === undefined) return error(404, 'TableNotFound');
      const key = `${match?.[2]}\n${match?.[3]}`;
      const etag = `W/"${++version}"`;
      if (request.method === 'POST') {
        const id = `${body?.['PartitionKey']}\n${body?.['RowKey']}`;
        if (table.has(id)) return error(409, 'EntityAlreadyExists');
        table.set(id, { entity: body ?? {}, etag });
        return new Response(null, { status: 204, headers: { etag } });
      }
      if (path.endsWith('()')) {
        const limit = /^expires lt '(.*)'$/.exec(url.searchParams.get('$filter') ?? '')?.[1] ?? '';
        const value = [...table.values()]
          .map((row) => row.entity)
          .filter((row) => String(row['expires']) < limit);
        return Response.json({ value });
      }
      const row = table.get(key);
      const wanted = request.headers.get('if-match');
      if (request.method === 'PUT') {
        if (wanted !== null && row === undefined) return error(404, 'ResourceNotFound');
        if (wanted !== null && wanted !== '*' && row?.etag !== wanted)
          return error(412, 'UpdateConditionNotSatisfied');
        table.set(key, { entity: body ?? {}, etag });
        return new Response(null, { status: 204, headers: { etag } });
      }
      if (row === undefined) return error(404, 'ResourceNotFound');
      if (request.method === 'GET') return Response.json(row.entity, { headers: { etag: row.etag } });
      if (wanted !== '*' && wanted !== row.etag) return error(412, 'UpdateConditionNotSatisfied');
      table.delete(key);
      return new Response(null, { status: 204 });
    },
  };
}

export interface FakeUser {
  readonly oid: string;
  readonly username: string;
  readonly fhirUser?: string;
}

export interface FakeApp {
  readonly secret?: string;
  readonly roles?: readonly string[];
  readonly scp?: string;
}

/** One pair a file: making RSA keys is the slowest thing these tests could do. */
const signingPair = generateKeyPair('RS256', { extractable: true });

/** Entra's token endpoint, discovery and keys; `signIn` plays browser and sign-in page. */
export async function fakeEntra(clock: { now(): number }, apps: ReadonlyMap<string, FakeApp>) {
  const { publicKey, privateKey } = await signingPair;
  const jwk: JWK = { ...(await exportJWK(publicKey)), kid: 'entra-key', alg: 'RS256', use: 'sig' };
  const codes = new Map<
    string,
    { clientId: string; redirectUri: string; challenge: string; nonce?: string; user: FakeUser }
  >();
  const refreshes = new Map<string, { clientId: string; user: FakeUser }>();
  const forms: Record<string, string>[] = [];
  const seconds = (): number => Math.floor(clock.now() / 1000);

  const sign = (
    claims: Record<string, unknown>,
    audience: string,
    key: CryptoKey = privateKey,
  ): Promise<string> =>
    new SignJWT({ ver: '2.0', tid: TENANT, uti: randomBytes(12).toString('base64url'), ...claims })
      .setProtectedHeader({ alg: 'RS256', kid: 'entra-key', typ: 'JWT' })
      .setIssuer(ISSUER)
      .setAudience(audience)
      .setIssuedAt(seconds())
      .setNotBefore(seconds())
      .setExpirationTime(seconds() + 4200)
      .sign(key);

  const userToken = (clientId: string, user: FakeUser): Promise<string> =>
    sign(
      {
        sub: `pairwise-${user.oid}`,
        oid: user.oid,
        azp: clientId,
        scp: apps.get(clientId)?.scp ?? 'patient.all.rs',
        ...(user.fhirUser === undefined ? {} : { fhirUser: user.fhirUser }),
      },
      AUDIENCE,
    );
  const appToken = (clientId: string): Promise<string> =>
    sign(
      { sub: `sp-${clientId}`, oid: `sp-${clientId}`, azp: clientId, roles: apps.get(clientId)?.roles ?? [] },
      AUDIENCE,
    );
  /** `oid` and the names come with scope `profile` only. */
  const idToken = (clientId: string, user: FakeUser, nonce?: string, profile = true): Promise<string> =>
    sign(
      {
        sub: `pairwise-${user.oid}`,
        ...(profile ? { oid: user.oid, preferred_username: user.username } : {}),
        ...(user.fhirUser === undefined ? {} : { fhirUser: user.fhirUser }),
        ...(nonce === undefined ? {} : { nonce }),
      },
      clientId,
    );

  async function userAnswer(
    clientId: string,
    user: FakeUser,
    scope: string,
    nonce?: string,
  ): Promise<Response> {
    const asked = scope.split(' ');
    const refresh = randomBytes(24).toString('base64url');
    refreshes.set(refresh, { clientId, user });
    return Response.json({
      token_type: 'Bearer',
      expires_in: 4200,
      access_token: await userToken(clientId, user),
      ...(asked.includes('openid')
        ? { id_token: await idToken(clientId, user, nonce, asked.includes('profile')) }
        : {}),
      refresh_token: refresh,
      scope: 'api://everything',
    });
  }

  const refuse = (error: string, code: number): Response =>
    Response.json({ error, error_description: `AADSTS${code}: no`, error_codes: [code] }, { status: 400 });

  async function token(request: Request): Promise<Response> {
    const form = Object.fromEntries(new URLSearchParams(await request.text()));
    forms.push(form);
    const clientId = form['client_id'] ?? '';
    const app = apps.get(clientId);
    if (app === undefined) return refuse('unauthorized_client', 700016);
    if (app.secret !== form['client_secret']) {
      return Response.json({ error: 'invalid_client', error_codes: [7000215] }, { status: 401 });
    }
    if (form['grant_type'] === 'client_credentials') {
      return Response.json({
        token_type: 'Bearer',
        expires_in: 3599,
        access_token: await appToken(clientId),
      });
    }
    if (form['grant_type'] === 'refresh_token') {
      const known = refreshes.get(form['refresh_token'] ?? '');
      return known?.clientId === clientId
        ? userAnswer(clientId, known.user, form['scope'] ?? '')
        : refuse('invalid_grant', 70008);
    }
    const code = codes.get(form['code'] ?? '');
    codes.delete(form['code'] ?? '');
    const fits =
      code?.clientId === clientId &&
      code.redirectUri === form['redirect_uri'] &&
      code.challenge === sha256(form['code_verifier'] ?? '');
    return fits && code !== undefined
      ? userAnswer(clientId, code.user, form['scope'] ?? '', code.nonce)
      : refuse('invalid_grant', 9002313);
  }

  return {
    forms,
    sign,
    userToken,
    appToken,
    idToken,
    otherKey: async () => (await generateKeyPair('RS256')).privateKey,
    /** What the browser brings back to the redirect URI of an authorize URL. */
    signIn: (authorizeUrl: string, user: FakeUser): string => {
      const query = new URL(authorizeUrl).searchParams;
      const code = randomBytes(24).toString('base64url');
      const nonce = query.get('nonce');
      codes.set(code, {
        clientId: query.get('client_id') ?? '',
        redirectUri: query.get('redirect_uri') ?? '',
        challenge: query.get('code_challenge') ?? '',
        user,
        ...(nonce === null ? {} : { nonce }),
      });
      return `${query.get('redirect_uri')}?${new URLSearchParams({ code, state: query.get('state') ?? '' })}`;
    },
    fetch: async (request: Request): Promise<Response> => {
      const { pathname } = new URL(request.url);
      if (pathname.endsWith('/.well-known/openid-configuration')) {
        return Response.json({
          issuer: ISSUER,
          authorization_endpoint: `http://127.0.0.1:7001/${TENANT}/oauth2/v2.0/authorize`,
          token_endpoint: TOKEN_ENDPOINT,
          jwks_uri: `http://127.0.0.1:7001/${TENANT}/discovery/v2.0/keys`,
        });
      }
      if (pathname.endsWith('/keys')) return Response.json({ keys: [jwk] });
      if (request.url === TOKEN_ENDPOINT && request.method === 'POST') return token(request);
      return new Response(null, { status: 404 });
    },
  };
}

type Resource = Record<string, unknown> & { resourceType: string; id: string };

const reference = (text: string) => ({ reference: text });
const category = (system: string, code: string) => [{ coding: [{ system, code }] }];
export const OBSERVATION_CATEGORY = 'http://terminology.hl7.org/CodeSystem/observation-category';

export const RESOURCES: readonly Resource[] = [
  { resourceType: 'Patient', id: 'patient-a' },
  { resourceType: 'Patient', id: 'patient-b' },
  { resourceType: 'Practitioner', id: 'practitioner-1' },
  { resourceType: 'Encounter', id: 'encounter-a', subject: reference('Patient/patient-a') },
  {
    resourceType: 'Observation',
    id: 'lab-a',
    subject: reference('Patient/patient-a'),
    category: category(OBSERVATION_CATEGORY, 'laboratory'),
  },
  {
    resourceType: 'Observation',
    id: 'vital-a',
    subject: reference('Patient/patient-a'),
    category: category(OBSERVATION_CATEGORY, 'vital-signs'),
  },
  {
    resourceType: 'Observation',
    id: 'lab-b',
    subject: reference('Patient/patient-b'),
    category: category(OBSERVATION_CATEGORY, 'laboratory'),
  },
  { resourceType: 'Provenance', id: 'prov-a', target: [reference('Observation/lab-a')] },
  { resourceType: 'Provenance', id: 'prov-b', target: [reference('Observation/lab-b')] },
  {
    resourceType: 'DocumentReference',
    id: 'doc-a',
    subject: reference('Patient/patient-a'),
    content: [{ attachment: { url: 'Binary/bin-a' } }],
  },
  { resourceType: 'Binary', id: 'bin-a', contentType: 'text/plain', data: 'YQ==' },
  { resourceType: 'Binary', id: 'bin-b', contentType: 'text/plain', data: 'Yg==' },
  {
    resourceType: 'Group',
    id: 'group-abc',
    member: [{ entity: reference('Patient/patient-a') }, { entity: reference('Patient/patient-b') }],
  },
  { resourceType: 'Device', id: 'device-b', patient: reference('Patient/patient-b') },
];

/** A FHIR service that obeys nothing but the parameters `_id`, `patient`, `subject` and `category`: the guard is on its own. */
export function fakeFhir() {
  const seen: { method: string; url: URL; query: URLSearchParams; headers: Headers }[] = [];
  let jobs = 0;
  const outcome = (status: number): Response =>
    Response.json(
      { resourceType: 'OperationOutcome', issue: [{ severity: 'error', code: 'not-found' }] },
      { status },
    );
  const matches = (resource: Resource, query: URLSearchParams): boolean =>
    [...query].every(([name, value]) => {
      if (name === '_id') return value.split(',').includes(resource.id);
      if (name === 'patient' || name === 'subject') {
        const target = (resource['subject'] ?? resource['patient']) as { reference?: string } | undefined;
        return target?.reference === (value.startsWith('Patient/') ? value : `Patient/${value}`);
      }
      if (name !== 'category') return true;
      const coding = (
        resource['category'] as { coding: { system: string; code: string }[] }[] | undefined
      )?.[0]?.coding[0];
      return value
        .split(',')
        .some((one) => one === `${coding?.system}|${coding?.code}` || one === coding?.code);
    });
  const bundle = (type: string, query: URLSearchParams): Response => {
    const found = RESOURCES.filter((resource) => resource.resourceType === type && matches(resource, query));
    const included = RESOURCES.filter(
      (resource) =>
        (query.has('_include') && resource.resourceType === 'Patient') ||
        (query.has('_revinclude') && resource.resourceType === 'Provenance'),
    );
    const entry = (mode: string) => (resource: Resource) => ({
      fullUrl: `${FHIR}/${resource.resourceType}/${resource.id}`,
      resource,
      search: { mode },
    });
    return Response.json({
      resourceType: 'Bundle',
      type: 'searchset',
      total: found.length,
      link: [{ relation: 'self', url: `${FHIR}/${type}?${query}` }],
      entry: [...found.map(entry('match')), ...included.map(entry('include'))],
    });
  };
  const service = {
    seen,
    /** Do exports go on for ever? */
    running: false,
    fetch: async (request: Request): Promise<Response> => {
      const url = new URL(request.url);
      const form = request.method === 'POST' ? new URLSearchParams(await request.text()) : url.searchParams;
      seen.push({ method: request.method, url, query: form, headers: request.headers });
      const [type = '', id, third, fourth] = url.pathname.slice(1).split('/');
      if (type === 'metadata') return Response.json(metadata);
      if (!request.headers.get('authorization')?.startsWith('Bearer ')) return outcome(401);
      if (url.pathname.endsWith('/$export')) {
        const location = `${FHIR}/_operations/export/${++jobs}`;
        return new Response(null, { status: 202, headers: { 'content-location': location } });
      }
      if (type === '_operations') {
        if (request.method === 'DELETE') return new Response(null, { status: 202 });
        return service.running
          ? new Response(null, { status: 202, headers: { 'x-progress': 'half' } })
          : manifest(seen);
      }
      if (id === undefined || id === '_search') return bundle(type, form);
      if (type === 'Patient' && third === 'Observation')
        return bundle('Observation', new URLSearchParams({ patient: id }));
      const found = RESOURCES.find((resource) => resource.resourceType === type && resource.id === id);
      if (found === undefined) return outcome(404);
      if (third === '_history' && fourth === undefined) {
        return Response.json({ resourceType: 'Bundle', type: 'history', entry: [{ resource: found }] });
      }
      if (third === '$everything')
        return Response.json({ resourceType: 'Bundle', entry: RESOURCES.map((resource) => ({ resource })) });
      return Response.json(found, {
        headers: { etag: 'W/"1"', location: `${FHIR}/${type}/${id}/_history/1` },
      });
    },
  };
  return service;
}

function manifest(seen: readonly { url: URL; query: URLSearchParams }[]): Response {
  const container = seen.findLast((one) => one.query.has('_container'))?.query.get('_container');
  return Response.json({
    transactionTime: '2026-11-24T20:00:00Z',
    request: `${FHIR}/Group/group-abc/$export`,
    requiresAccessToken: false,
    output: [
      { type: 'Patient', url: `${BLOB}${container}/job/Patient-1.ndjson`, count: 2 },
      { type: 'Observation', url: `${BLOB}${container}/job/Observation-1.ndjson`, count: 3 },
    ],
    error: [],
    issues: [],
  });
}

const metadata = {
  resourceType: 'CapabilityStatement',
  status: 'active',
  fhirVersion: '4.0.1',
  implementation: { description: 'backend', url: FHIR },
  rest: [
    {
      mode: 'server',
      security: { extension: [] },
      resource: [
        { type: 'Group', interaction: [{ code: 'read' }, { code: 'create' }] },
        {
          type: 'Patient',
          interaction: [{ code: 'read' }, { code: 'update' }, { code: 'search-type' }],
          updateCreate: true,
        },
      ],
    },
  ],
};

export function fakeBlobs() {
  const asked: string[] = [];
  return {
    asked,
    fetch: async (request: Request): Promise<Response> => {
      const { pathname } = new URL(request.url);
      asked.push(decodeURIComponent(pathname));
      if (!request.headers.get('authorization')?.includes('storage.azure.com'))
        return new Response(null, { status: 403 });
      return pathname.endsWith('/job/Patient-1.ndjson')
        ? new Response('{"resourceType":"Patient","id":"patient-a"}\n'.repeat(2), {
            headers: { 'content-type': 'application/octet-stream' },
          })
        : new Response(null, { status: 404 });
    },
  };
}

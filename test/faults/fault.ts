import { s256 } from '../../src/smart/pkce.ts';
import type { ServerProfile } from '../../src/smart/server-profile.ts';

/** A request as a fault looks at it. */
export interface Asked {
  readonly request: Request;
  readonly url: URL;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The body of a form request, else empty. */
  readonly form: URLSearchParams;
  readonly text: string;
  /** Client id of HTTP Basic, or of the form. */
  readonly clientId: string | undefined;
  readonly basicSecret: string | undefined;
  /** Claims of a bearer JWT, unverified. */
  readonly bearer: Readonly<Record<string, unknown>> | undefined;
  /** `Bearer …`, whatever it is. */
  readonly authorization: string | undefined;
  readonly memory: Memory;
  readonly profile: ServerProfile;
}

/** A session as it can be seen from outside: what the token response said. */
export interface Issued {
  readonly clientId: string;
  readonly scope: string;
  /** The code it came for, when it came for one. */
  readonly code: string | undefined;
  /** All tokens that descend from one code share a family. */
  readonly family: string;
}

/** What a gateway could remember of the traffic that passed it. */
export interface Memory {
  /** Authorization requests by state. */
  readonly requests: Map<string, URLSearchParams>;
  /** The request each code was issued for. */
  readonly codes: Map<string, URLSearchParams>;
  /** Codes that were redeemed with success, and those that came again. */
  readonly redeemed: Set<string>;
  readonly replayedCodes: Set<string>;
  readonly accessTokens: Map<string, Issued>;
  readonly refreshTokens: Map<string, Issued>;
  readonly idTokens: Set<string>;
  /** Refresh tokens that were used, and families in which one was used again. */
  readonly refreshed: Set<string>;
  readonly replayedFamilies: Set<string>;
  /** Tokens whose revocation was accepted. */
  readonly revoked: Set<string>;
  /** Assertions that were seen. */
  readonly assertions: Set<string>;
  /** Launch handles by the client they were made for, and those that were used. */
  readonly launches: Map<string, string>;
  readonly usedLaunches: Set<string>;
  /** Paths of export jobs that were cancelled. */
  readonly cancelled: Set<string>;
  /** Anything else a fault keeps between two exchanges. */
  readonly notes: Map<string, string>;
}

export type Next = (request: Request) => Promise<Response>;

/** A deliberate defect between the clients and the stack, and the set of checks that must turn red. */
export interface Fault {
  readonly name: string;
  /** Which requests it concerns; a pure function. */
  on(asked: Asked): boolean;
  answer(asked: Asked, next: Next): Promise<Response>;
  /** Exactly these checks fail or warn; all others pass or lose their evidence. */
  readonly fails: readonly string[];
}

export function fault(definition: Fault): Fault {
  return definition;
}

/** One check, one fault: the most common shape. */
export function breaks(check: string, name: string, on: Fault['on'], answer: Fault['answer']): Fault {
  return { name, on, answer, fails: [check] };
}

export function newMemory(): Memory {
  return {
    requests: new Map(),
    codes: new Map(),
    redeemed: new Set(),
    replayedCodes: new Set(),
    accessTokens: new Map(),
    refreshTokens: new Map(),
    idTokens: new Set(),
    refreshed: new Set(),
    replayedFamilies: new Set(),
    revoked: new Set(),
    assertions: new Set(),
    launches: new Map(),
    usedLaunches: new Set(),
    cancelled: new Set(),
    notes: new Map(),
  };
}

export async function readAsked(request: Request, memory: Memory, profile: ServerProfile): Promise<Asked> {
  const url = new URL(request.url);
  const text = await request.clone().text();
  const isForm = (request.headers.get('content-type') ?? '').includes('x-www-form-urlencoded');
  const form = new URLSearchParams(isForm ? text : '');
  const authorization = request.headers.get('authorization') ?? undefined;
  const basic = /^Basic (.+)$/i.exec(authorization ?? '')?.[1];
  const [id, secret] =
    basic === undefined ? [] : Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent);
  return {
    request,
    url,
    method: request.method,
    path: url.pathname,
    query: url.searchParams,
    form,
    text,
    clientId: id ?? form.get('client_id') ?? undefined,
    basicSecret: secret,
    bearer: claimsOf(/^Bearer (.+)$/i.exec(authorization ?? '')?.[1]),
    authorization,
    memory,
    profile,
  };
}

/** Keeps what passed by; called after each exchange. */
export async function remember(asked: Asked, response: Response): Promise<void> {
  rememberAuthorization(asked, response);
  const { memory, form } = asked;
  if (isToken(asked)) await rememberTokens(asked, response);
  if (isRevoke(asked) && response.status === 200 && provesItself(asked, asked.clientId ?? '')) {
    memory.revoked.add(form.get('token') ?? '');
  }
  if (isLaunch(asked) && response.status === 201) {
    const body = (await response.clone().json()) as { launch: string };
    memory.launches.set(body.launch, String((JSON.parse(asked.text) as { clientId?: string }).clientId));
  }
  if (asked.method === 'DELETE' && response.status === 202) memory.cancelled.add(asked.path);
}

function rememberAuthorization(asked: Asked, response: Response): void {
  const { memory } = asked;
  const parameters = authorizeParameters(asked);
  const [state, launch] = [parameters?.get('state'), parameters?.get('launch')];
  if (parameters !== undefined && state) memory.requests.set(state, parameters);
  if (launch) memory.usedLaunches.add(launch);
  const location = response.headers.get('location');
  if (location === null || !URL.canParse(location, asked.url.href)) return;
  const query = new URL(location, asked.url).searchParams;
  const request = memory.requests.get(query.get('state') ?? '');
  const code = query.get('code');
  if (code !== null && request !== undefined) memory.codes.set(code, request);
}

async function rememberTokens(asked: Asked, response: Response): Promise<void> {
  const { memory, form } = asked;
  const [code, refresh, assertion] = [
    form.get('code'),
    form.get('refresh_token'),
    form.get('client_assertion'),
  ];
  const before = refresh === null ? undefined : memory.refreshTokens.get(refresh);
  if (code !== null && memory.redeemed.has(code)) memory.replayedCodes.add(code);
  if (refresh !== null && memory.refreshed.has(refresh) && before) memory.replayedFamilies.add(before.family);
  if (refresh !== null) memory.refreshed.add(refresh);
  if (assertion !== null) memory.assertions.add(assertion);
  if (response.status !== 200) return;
  if (code !== null) memory.redeemed.add(code);
  const body = (await response
    .clone()
    .json()
    .catch(() => ({}))) as Record<string, string | undefined>;
  const issued: Issued = {
    clientId: asked.clientId ?? String(claimsOf(assertion ?? undefined)?.['sub']),
    scope: body['scope'] ?? '',
    code: code ?? undefined,
    family: before?.family ?? code ?? 'backend',
  };
  if (body['access_token']) memory.accessTokens.set(body['access_token'], issued);
  if (body['refresh_token']) memory.refreshTokens.set(body['refresh_token'], issued);
  if (body['id_token']) memory.idTokens.add(body['id_token']);
}

/** The bearer token as text. */
export function bearerOf(asked: Asked): string | undefined {
  return /^Bearer (.+)$/i.exec(asked.authorization ?? '')?.[1];
}

/** What is known of the session whose access token this request carries. */
export function sessionOf(asked: Asked): Issued | undefined {
  return asked.memory.accessTokens.get(bearerOf(asked) ?? '');
}

export function claimsOf(token: string | undefined): Readonly<Record<string, unknown>> | undefined {
  const part = token?.split('.')[1];
  if (part === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

// Where a request goes ----------------------------------------------------------------------------------------

export const isWellKnown = (asked: Asked): boolean => asked.path.endsWith('/.well-known/smart-configuration');
export const isMetadata = (asked: Asked): boolean => asked.path.endsWith('/metadata');
export const isOpenid = (asked: Asked): boolean => asked.path.endsWith('/.well-known/openid-configuration');
export const isKeys = (asked: Asked): boolean => asked.path.endsWith('/discovery/v2.0/keys');
export const isAuthorize = (asked: Asked): boolean => asked.path === '/auth/authorize';
export const isToken = (asked: Asked): boolean => asked.path === '/auth/token' && asked.method !== 'OPTIONS';
export const isIntrospect = (asked: Asked): boolean => asked.path === '/auth/introspect';
export const isRevoke = (asked: Asked): boolean => asked.path === '/auth/revoke';
export const isLaunch = (asked: Asked): boolean => asked.path === '/auth/launch';
export const isFile = (asked: Asked): boolean => /\/api\/files\//.test(asked.path);
/** A FHIR request below the base: `fhirPath` tells the rest. */
export const fhirPath = (asked: Asked): string | undefined =>
  asked.path === '/fhir' ? '' : /^\/fhir\/(.*)$/.exec(asked.path)?.[1];

/** The parameters of an authorization request, by GET or POST. */
export function authorizeParameters(asked: Asked): URLSearchParams | undefined {
  if (!isAuthorize(asked)) return undefined;
  return asked.method === 'POST' ? asked.form : asked.query;
}

/** The authorization request that the code of this redemption was issued for. */
export function issuedFor(asked: Asked): URLSearchParams | undefined {
  if (!isToken(asked) || asked.form.get('grant_type') !== 'authorization_code') return undefined;
  return asked.memory.codes.get(asked.form.get('code') ?? '');
}

/** Is everything about this redemption right? */
export function isGoodRedemption(asked: Asked): boolean {
  const request = issuedFor(asked);
  if (request === undefined || asked.memory.redeemed.has(asked.form.get('code') ?? '')) return false;
  const verifier = asked.form.get('code_verifier') ?? '';
  return (
    s256(verifier) === request.get('code_challenge') &&
    asked.form.get('redirect_uri') === request.get('redirect_uri') &&
    provesItself(asked, request.get('client_id') ?? '')
  );
}

/** Does the request authenticate as this client, as far as one can see from outside? */
export function provesItself(asked: Asked, clientId: string): boolean {
  const client = Object.values(asked.profile.clients).find((item) => item.clientId === clientId);
  if (client === undefined || asked.clientId !== clientId) return false;
  return (
    client.kind === 'public' || asked.basicSecret === client.secret || asked.form.has('client_assertion')
  );
}

export function clientNamed(asked: Asked, name: string): string {
  return asked.profile.clients[name]?.clientId ?? '';
}

/** Is the bearer token one of this client? */
export function isTokenOf(asked: Asked, name: string): boolean {
  const id = clientNamed(asked, name);
  return asked.bearer !== undefined && (asked.bearer['azp'] === id || asked.bearer['appid'] === id);
}

/** The redemption by which the standalone app starts a session with everything it is registered for. */
export function isMainRedemption(asked: Asked): boolean {
  const wide = issuedFor(asked)?.get('scope')?.includes('offline_access') === true;
  return wide && isGoodRedemption(asked) && asked.clientId === clientNamed(asked, 'patient-confidential');
}

export function isRefreshBy(asked: Asked, name: string): boolean {
  return (
    isToken(asked) &&
    asked.form.get('grant_type') === 'refresh_token' &&
    asked.clientId === clientNamed(asked, name)
  );
}

/** A GET of exactly this path and query below the FHIR base. */
export function isRead(asked: Asked, path: string): boolean {
  return asked.method === 'GET' && `${fhirPath(asked) ?? '?'}${asked.url.search}` === path;
}

export function ownPatient(asked: Asked): string {
  return asked.profile.patients[0] ?? '';
}

export function strangerOf(asked: Asked): string {
  return asked.profile.otherPatient ?? '';
}

// What is answered ---------------------------------------------------------------------------------------------

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

export function fhir(status: number, body: unknown): Response {
  return json(status, body, { 'content-type': 'application/fhir+json' });
}

export function html(status: number, body: string, headers: Record<string, string> = {}): Response {
  return new Response(body, { status, headers: { 'content-type': 'text/html', ...headers } });
}

/** The real answer with its JSON body changed. */
export function patch(change: (body: Record<string, unknown>, asked: Asked) => unknown): Fault['answer'] {
  return async (asked, next) => {
    const response = await next(asked.request);
    const text = await response.text();
    let body: Record<string, unknown>;
    try {
      body = JSON.parse(text) as Record<string, unknown>;
    } catch {
      return new Response(text, response);
    }
    const changed = change(body, asked) ?? body;
    return rebuilt(response, JSON.stringify(changed));
  };
}

/** The real answer with headers set, or removed when undefined. */
export function withHeaders(changes: Record<string, string | undefined>): Fault['answer'] {
  return async (asked, next) => {
    const response = await next(asked.request);
    const headers = new Headers(response.headers);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) headers.delete(name);
      else headers.set(name, value);
    }
    return new Response(response.body, { status: response.status, headers });
  };
}

/** The real answer, unless it is a refusal: then this one. */
export function insteadOfRefusal(make: (asked: Asked) => Response): Fault['answer'] {
  return async (asked, next) => {
    const response = await next(asked.request);
    return response.status >= 400 ? make(asked) : response;
  };
}

export function rebuilt(response: Response, body: string): Response {
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  return new Response(body, { status: response.status, headers });
}

/** An authorization response with a code that nobody checks further. */
export function redirectWithCode(asked: Asked): Response {
  const parameters = authorizeParameters(asked) ?? new URLSearchParams();
  const fallback = asked.profile.clients['patient-confidential']?.redirectUri ?? 'https://app.example.org/';
  const url = new URL(parameters.get('redirect_uri') ?? fallback);
  url.searchParams.set('code', 'a-code-that-should-not-be');
  const state = parameters.get('state');
  if (state !== null) url.searchParams.set('state', state);
  return new Response(null, { status: 302, headers: { location: url.href } });
}

/** A token response that should not be. */
export function tokenAnyway(): Response {
  const body = {
    access_token: 'a-token-that-should-not-be',
    token_type: 'Bearer',
    expires_in: 300,
    scope: 'openid',
  };
  return json(200, body, { 'cache-control': 'no-store', pragma: 'no-cache' });
}

export function oauthError(status: number, error: string): Response {
  return json(status, { error }, { 'cache-control': 'no-store', pragma: 'no-cache' });
}

/** A search result with one observation of this patient. */
export function observationsOf(patient: string): Response {
  const resource = {
    resourceType: 'Observation',
    id: 'leaked',
    subject: { reference: `Patient/${patient}` },
  };
  return fhir(200, { resourceType: 'Bundle', type: 'searchset', total: 1, entry: [{ resource }] });
}

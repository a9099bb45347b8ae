import { type Asked, claimsOf } from './asked.ts';
import { authorizeParameters, isLaunch, isRevoke, isToken, provesItself } from './requests.ts';

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

import {
  createLocalJWKSet,
  decodeProtectedHeader,
  type JSONWebKeySet,
  type JWTPayload,
  jwtVerify,
} from 'jose';
import { type Clock, HOUR, MINUTE } from '../../core/clock.ts';
import { exchange } from '../../core/http.ts';
import type { FetchLike } from '../../core/target.ts';
import { LEEWAY_SECONDS } from '../state/state.ts';

/** Entra's OIDC discovery, the members in use. */
export interface EntraMetadata {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly jwksUri: string;
}

/** Claims of a verified access token. */
export interface AccessClaims {
  readonly uti: string;
  readonly oid: string;
  readonly clientId: string;
  /** Seconds since the epoch. */
  readonly exp: number;
  readonly roles: readonly string[];
  readonly appOnly: boolean;
  readonly fhirUser?: string;
}

export interface EntraKeys {
  metadata(): Promise<EntraMetadata>;
  /** Undefined when the token is not a live access token of this tenant for the FHIR service. */
  verifyAccessToken(token: string): Promise<AccessClaims | undefined>;
  /** Undefined when it is not a live id_token of this tenant for that client. Has `oid` only with scope `profile`. */
  verifyIdToken(token: string, clientId: string, nonce?: string): Promise<JWTPayload | undefined>;
}

const ALGORITHMS = ['RS256'];
const LIFETIME_MS = HOUR;
/** Unknown key ids make us look again, but not more often than this. */
const REFRESH_INTERVAL_MS = MINUTE;
const FETCH_BUDGET_MS = 10_000;
const DOCUMENT_LIMIT_BYTES = 256 * 1024;
/** What an access token of Entra v2 may be longer than, and is not ours then. */
const TOKEN_LIMIT_CHARACTERS = 16_384;

export interface EntraKeysOptions {
  readonly authority: string;
  readonly audience: string;
  readonly fetch: FetchLike;
  readonly clock: Clock;
}

/** Verification against the tenant's published keys, which are kept for an hour. */
export function createEntraKeys(options: EntraKeysOptions): EntraKeys {
  const { clock } = options;
  let metadata: { value: EntraMetadata; at: number } | undefined;
  let keys: { value: JSONWebKeySet; at: number } | undefined;

  async function discover(): Promise<EntraMetadata> {
    if (metadata !== undefined && clock.now() - metadata.at < LIFETIME_MS) return metadata.value;
    const document = await fetchJson(options.fetch, `${options.authority}/.well-known/openid-configuration`);
    metadata = { value: readMetadata(document), at: clock.now() };
    return metadata.value;
  }

  async function keySet(kid: string | undefined): Promise<JSONWebKeySet> {
    const age = keys === undefined ? Number.POSITIVE_INFINITY : clock.now() - keys.at;
    const known = keys?.value.keys.some((key) => key.kid === kid) === true;
    if (keys !== undefined && age < (known ? LIFETIME_MS : REFRESH_INTERVAL_MS)) return keys.value;
    const { jwksUri } = await discover();
    const document = (await fetchJson(options.fetch, jwksUri)) as unknown as JSONWebKeySet;
    if (!Array.isArray(document.keys)) throw new Error('the JWKS of the authority has no keys');
    keys = { value: document, at: clock.now() };
    return keys.value;
  }

  async function verify(token: string, audience: string): Promise<JWTPayload | undefined> {
    if (token.length > TOKEN_LIMIT_CHARACTERS) return undefined;
    let kid: string | undefined;
    try {
      kid = decodeProtectedHeader(token).kid;
    } catch {
      return undefined;
    }
    const [set, { issuer }] = [await keySet(kid), await discover()];
    try {
      const { payload } = await jwtVerify(token, createLocalJWKSet(set), {
        algorithms: ALGORITHMS,
        issuer,
        audience,
        clockTolerance: LEEWAY_SECONDS,
        currentDate: new Date(clock.now()),
        requiredClaims: ['exp', 'iat', 'sub'],
      });
      return payload;
    } catch {
      return undefined;
    }
  }

  return {
    metadata: discover,
    verifyAccessToken: async (token) => {
      const payload = await verify(token, options.audience);
      return payload === undefined ? undefined : accessClaims(payload);
    },
    verifyIdToken: async (token, clientId, nonce) => {
      const payload = await verify(token, clientId);
      if (payload === undefined) return undefined;
      return nonce === undefined || payload['nonce'] === nonce ? payload : undefined;
    },
  };
}

function accessClaims(payload: JWTPayload): AccessClaims | undefined {
  const { uti, oid, azp, roles, scp, exp, fhirUser } = payload as JWTPayload & Record<string, unknown>;
  // An id_token for the resource app itself would carry neither scp nor roles.
  if (typeof scp !== 'string' && !Array.isArray(roles) && payload['idtyp'] !== 'app') return undefined;
  if (typeof uti !== 'string' || typeof oid !== 'string' || typeof azp !== 'string' || exp === undefined) {
    return undefined;
  }
  return {
    uti,
    oid,
    clientId: azp,
    exp,
    roles: Array.isArray(roles) ? roles.filter((role) => typeof role === 'string') : [],
    appOnly: typeof scp !== 'string',
    ...(typeof fhirUser === 'string' ? { fhirUser } : {}),
  };
}

function readMetadata(document: Readonly<Record<string, unknown>>): EntraMetadata {
  const member = (name: string): string => {
    const value = document[name];
    if (typeof value !== 'string') throw new Error(`the authority's discovery document has no ${name}`);
    return value;
  };
  return {
    issuer: member('issuer'),
    authorizationEndpoint: member('authorization_endpoint'),
    tokenEndpoint: member('token_endpoint'),
    jwksUri: member('jwks_uri'),
  };
}

async function fetchJson(fetch: FetchLike, url: string): Promise<Readonly<Record<string, unknown>>> {
  const answer = await exchange(fetch, new Request(url, { headers: { accept: 'application/json' } }), {
    budgetMs: FETCH_BUDGET_MS,
    bodyLimitBytes: DOCUMENT_LIMIT_BYTES,
  });
  if (answer.status !== 200) throw new Error(`the authority answered ${answer.status}`);
  return JSON.parse(answer.text) as Readonly<Record<string, unknown>>;
}

import { createLocalJWKSet, type JSONWebKeySet, type JWTVerifyGetKey } from 'jose';
import { HOUR, MINUTE } from '../../core/clock.ts';
import { exchange } from '../../core/http.ts';
import type { Fabric } from '../fabric.ts';
import { FhirError } from './fhir-error.ts';
import { isObject, type JsonObject } from './resource.ts';

/** What a service knows of one authority. */
export interface Discovered {
  readonly issuer: string;
  readonly document: JsonObject;
  readonly keys: JWTVerifyGetKey;
}

const BUDGET_MS = 10_000;
const BODY_LIMIT_BYTES = 1024 * 1024;
/** How long documents and keys are kept, and how soon after a fetch an unknown key may cause another. */
const KEEP_MS = HOUR;
const AGAIN_AFTER_MS = 5 * MINUTE;

/** OIDC discovery of authorities, cached. */
export class Discovery {
  readonly #fabric: Fabric;
  readonly #cache = new Map<string, { readonly at: number; readonly found: Discovered }>();

  constructor(fabric: Fabric) {
    this.#fabric = fabric;
  }

  /** @throws FhirError 503 when the authority cannot be read */
  async of(authority: string, refresh = false): Promise<Discovered> {
    const now = this.#fabric.clock.now();
    const known = this.#cache.get(authority);
    const age = known === undefined ? Number.POSITIVE_INFINITY : now - known.at;
    if (known !== undefined && age < (refresh ? AGAIN_AFTER_MS : KEEP_MS)) return known.found;
    const found = await this.#fetch(authority);
    this.#cache.set(authority, { at: now, found });
    return found;
  }

  async #fetch(authority: string): Promise<Discovered> {
    const document = await this.#json(`${authority}/.well-known/openid-configuration`);
    const issuer = document['issuer'];
    const jwksUri = document['jwks_uri'];
    if (typeof issuer !== 'string' || typeof jwksUri !== 'string') throw unobtainable();
    const keySet = await this.#json(jwksUri);
    if (!Array.isArray(keySet['keys'])) throw unobtainable();
    return { issuer, document, keys: createLocalJWKSet(keySet as unknown as JSONWebKeySet) };
  }

  async #json(url: string): Promise<JsonObject> {
    try {
      const answer = await exchange(this.#fabric.fetch, new Request(url), {
        budgetMs: BUDGET_MS,
        bodyLimitBytes: BODY_LIMIT_BYTES,
      });
      const body: unknown = answer.status === 200 ? JSON.parse(answer.text) : undefined;
      if (isObject(body)) return body;
    } catch {
      // Whatever the reason, the service only says that it has no configuration.
    }
    throw unobtainable();
  }
}

function unobtainable(): FhirError {
  return new FhirError(503, 'exception', 'Unable to obtain OpenID configuration.');
}

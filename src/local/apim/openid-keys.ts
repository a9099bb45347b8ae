import type { JSONWebKeySet } from 'jose';
import { exchange } from '../../core/http.ts';
import type { Fabric } from '../fabric.ts';
import { OPENID_CONFIG_CACHE_MS, OPENID_CONFIG_REFETCH_MS } from './limits.ts';

/** What a metadata document and its key set say. */
export interface OpenIdConfiguration {
  readonly issuer: string;
  readonly keys: JSONWebKeySet;
}

interface Entry {
  readonly fetchedAt: number;
  readonly configuration: OpenIdConfiguration | undefined;
}

const METADATA_LIMITS = { budgetMs: 10_000, bodyLimitBytes: 256 * 1024 };

/**
 * Signing keys by OIDC discovery: kept for an hour; an unknown key or a failed fetch leads to another fetch at most
 * once in five minutes (API Management policy reference, validate-jwt).
 */
export class OpenIdKeys {
  readonly #fabric: Fabric;
  readonly #entries = new Map<string, Entry>();

  constructor(fabric: Fabric) {
    this.#fabric = fabric;
  }

  /** Undefined when the document could not be had. */
  async get(url: string): Promise<OpenIdConfiguration | undefined> {
    const known = this.#entries.get(url);
    const age = known === undefined ? Number.POSITIVE_INFINITY : this.#fabric.clock.now() - known.fetchedAt;
    const lifetime = known?.configuration === undefined ? OPENID_CONFIG_REFETCH_MS : OPENID_CONFIG_CACHE_MS;
    return known !== undefined && age < lifetime
      ? known.configuration
      : this.#fetch(url, known?.configuration);
  }

  /** After an unknown `kid`: fetched again unless that was done within the last five minutes. */
  async refetched(url: string): Promise<OpenIdConfiguration | undefined> {
    const known = this.#entries.get(url);
    const recent =
      known !== undefined && this.#fabric.clock.now() - known.fetchedAt < OPENID_CONFIG_REFETCH_MS;
    return recent ? undefined : this.#fetch(url, known?.configuration);
  }

  async #fetch(url: string, old: OpenIdConfiguration | undefined): Promise<OpenIdConfiguration | undefined> {
    let configuration = old;
    try {
      configuration = await this.#read(url);
    } catch {
      this.#fabric.log({
        standIn: 'apim',
        level: 'warn',
        text: `OpenID configuration could not be fetched: ${URL.parse(url)?.host ?? 'not a URL'}`,
      });
    }
    this.#entries.set(url, { fetchedAt: this.#fabric.clock.now(), configuration });
    return configuration;
  }

  async #read(url: string): Promise<OpenIdConfiguration> {
    const metadata = await this.#json(url);
    const { issuer, jwks_uri: jwksUri } = metadata;
    if (typeof issuer !== 'string' || typeof jwksUri !== 'string')
      throw new TypeError('not an OpenID configuration');
    const { keys } = await this.#json(jwksUri);
    if (!Array.isArray(keys)) throw new TypeError('not a JWK set');
    return { issuer, keys: { keys } };
  }

  async #json(url: string): Promise<Record<string, unknown>> {
    const { status, text } = await exchange(this.#fabric.fetch, new Request(url), METADATA_LIMITS);
    const value: unknown = status === 200 ? JSON.parse(text) : undefined;
    if (typeof value !== 'object' || value === null) throw new TypeError(`status ${status}`);
    return value as Record<string, unknown>;
  }
}

import { type AuthorizedHttp, jsonObject } from './authorized-http.ts';
import { isFailure } from './failure.ts';

const API_VERSION = '7.6';

/** A secret without its value. */
export interface SecretFacts {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
}

export interface SecretBundle {
  readonly value: string;
  /** 32 hex digits; every set makes a new one. */
  readonly version: string;
  readonly tags: Readonly<Record<string, string>>;
}

/** Secrets of Key Vault's data plane. */
export class KeyVault {
  readonly #http: AuthorizedHttp;
  readonly #scope: string;

  /** @param suffix DNS suffix of vaults, `vault.azure.net` */
  constructor(http: AuthorizedHttp, suffix: string) {
    this.#http = http;
    this.#scope = `https://${suffix}/.default`;
  }

  /** The newest version; undefined when there is no such secret. */
  async get(vaultUrl: string, name: string): Promise<SecretBundle | undefined> {
    const answer = await this.#send('GET', vaultUrl, `secrets/${name}`, { accept: [404] });
    return answer.status === 404 ? undefined : bundle(jsonObject(answer, `secret ${name}`));
  }

  /** Names and tags of all secrets; values are not part of lists. */
  async list(vaultUrl: string): Promise<readonly SecretFacts[]> {
    const found: SecretFacts[] = [];
    let next: string | undefined = url(vaultUrl, 'secrets');
    while (next !== undefined) {
      const answer = await this.#http.send({ method: 'GET', url: next, scope: this.#scope });
      const page = jsonObject(answer, 'the list of secrets');
      for (const item of (page['value'] ?? []) as { id: string; tags?: Record<string, string> }[]) {
        found.push({ name: new URL(item.id).pathname.split('/')[2] ?? '', tags: item.tags ?? {} });
      }
      next = typeof page['nextLink'] === 'string' ? page['nextLink'] : undefined;
    }
    return found;
  }

  /** Sets a secret; a deleted one of the same name is recovered first. */
  async set(
    vaultUrl: string,
    name: string,
    value: string,
    tags: Readonly<Record<string, string>>,
  ): Promise<SecretBundle> {
    const body = { value, tags, contentType: 'text/plain' };
    const put = async (): Promise<SecretBundle> =>
      bundle(jsonObject(await this.#send('PUT', vaultUrl, `secrets/${name}`, { body }), `secret ${name}`));
    try {
      return await put();
    } catch (error) {
      if (!isFailure(error, 409)) throw error;
      await this.#send('POST', vaultUrl, `deletedsecrets/${name}/recover`, {});
      return put();
    }
  }

  async delete(vaultUrl: string, name: string): Promise<void> {
    await this.#send('DELETE', vaultUrl, `secrets/${name}`, { accept: [404] });
  }

  #send(
    method: 'GET' | 'PUT' | 'POST' | 'DELETE',
    vaultUrl: string,
    path: string,
    more: { accept?: number[]; body?: unknown },
  ) {
    return this.#http.send({ method, url: url(vaultUrl, path), scope: this.#scope, ...more });
  }
}

function url(vaultUrl: string, path: string): string {
  return `${vaultUrl.replace(/\/+$/, '')}/${path}?api-version=${API_VERSION}`;
}

function bundle(body: Readonly<Record<string, unknown>>): SecretBundle {
  const { id, value, tags } = body;
  const version = typeof id === 'string' ? (new URL(id).pathname.split('/')[3] ?? '') : '';
  return { value: String(value ?? ''), version, tags: (tags ?? {}) as Record<string, string> };
}

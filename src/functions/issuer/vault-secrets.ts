import { type Clock, MINUTE } from '../../core/clock.ts';
import { exchange } from '../../core/http.ts';
import type { Credential, FetchLike } from '../../core/target.ts';

const VAULT_SCOPE = 'https://vault.azure.net/.default';
const API_VERSION = '7.4';
/** A rotated secret is noticed after this time. */
const KEPT_MS = 5 * MINUTE;

export interface VaultSecretsOptions {
  readonly vaultUrl: string;
  readonly fetch: FetchLike;
  readonly credential: Credential;
  readonly clock: Clock;
}

/** Reads secrets by name with the managed identity; undefined when the vault has no such secret. */
export function createVaultSecrets(
  options: VaultSecretsOptions,
): (name: string) => Promise<string | undefined> {
  const kept = new Map<string, { value: string; at: number }>();
  return async (name) => {
    const known = kept.get(name);
    if (known !== undefined && options.clock.now() - known.at < KEPT_MS) return known.value;
    const token = await options.credential.getToken(VAULT_SCOPE);
    const answer = await exchange(
      options.fetch,
      new Request(`${options.vaultUrl}/secrets/${encodeURIComponent(name)}?api-version=${API_VERSION}`, {
        headers: { authorization: `Bearer ${token?.token ?? ''}` },
      }),
    );
    if (answer.status === 404) return undefined;
    if (answer.status !== 200) throw new Error(`Key Vault answered ${answer.status} for a client's secret`);
    const { value } = JSON.parse(answer.text) as { value?: unknown };
    if (typeof value !== 'string') throw new Error('Key Vault answered a secret without a value');
    kept.set(name, { value, at: options.clock.now() });
    return value;
  };
}

import type { JWK } from 'jose';
import { randomToken } from '../../core/ids.ts';
import type { ResourceKind } from '../context.ts';
import { clientKeys } from '../resource-ids.ts';
import { secretName } from '../secret-names.ts';
import { vaultSecret } from '../vault-secret.ts';

/** Both algorithms of SMART backend services; a client picks one. */
const ALGORITHMS = ['RS384', 'ES384'] as const;
const KID_BYTES = 12;
const PRIVATE_MEMBERS: ReadonlySet<string> = new Set(['d', 'p', 'q', 'dp', 'dq', 'qi', 'k', 'oth']);

/** Key pairs of private_key_jwt clients whose configuration names no JWKS. The public half goes to the gateway. */
export const clientKeySets: ResourceKind = ({ config, owner }) =>
  config.clients
    .filter((client) => client.auth === 'private_key_jwt' && client.jwks === undefined)
    .map(({ name }) =>
      vaultSecret(
        {
          id: clientKeys(name),
          label: `secret ${secretName.jwks(name)}`,
          dependsOn: [],
          name: () => secretName.jwks(name),
          make: async () => ({ value: JSON.stringify({ keys: await makeKeys() }) }),
          publish: (value) => ({ publicJwks: JSON.stringify(publicPart(value)) }),
        },
        owner,
      ),
    );

async function makeKeys(): Promise<readonly JWK[]> {
  const { exportJWK, generateKeyPair } = await import('jose');
  return Promise.all(
    ALGORITHMS.map(async (alg) => {
      const { privateKey } = await generateKeyPair(alg, { extractable: true });
      const jwk = await exportJWK(privateKey);
      return { ...jwk, kid: randomToken(KID_BYTES), alg, use: 'sig', key_ops: ['sign'] };
    }),
  );
}

function publicPart(text: string): { readonly keys: readonly JWK[] } {
  const { keys } = JSON.parse(text) as { keys: Record<string, unknown>[] };
  const shown = keys.map((key) => {
    const kept = Object.entries(key).filter(([member]) => !PRIVATE_MEMBERS.has(member));
    return { ...Object.fromEntries(kept), key_ops: ['verify'] } as unknown as JWK;
  });
  return { keys: shown };
}

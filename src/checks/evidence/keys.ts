import { isObject, type JsonObject, objectsOf, parseObject, stringOf } from '../../smart/json.ts';
import { defineEvidence, required } from './evidence.ts';
import { openidConfiguration } from './openid-configuration.ts';
import { type Seen, seen } from './seen.ts';

export interface KeyFacts {
  readonly kty: string | null;
  readonly kid: string | null;
  readonly use: string | null;
  /** Bits of an RSA modulus, null for other keys. */
  readonly rsaBits: number | null;
  /** Has it the public members of its kind? */
  readonly complete: boolean;
  /** Names of private or symmetric members that are published. */
  readonly privateMembers: readonly string[];
}

export interface KeysFacts {
  readonly answer: Pick<Seen, 'at' | 'status' | 'headers'>;
  /** Null when the body is no JWK Set. */
  readonly keys: readonly KeyFacts[] | null;
}

const PRIVATE_MEMBERS = ['d', 'p', 'q', 'dp', 'dq', 'qi', 'oth', 'k'];

/** The key set that signs ID tokens. */
export const keys = defineEvidence<KeysFacts, JsonObject | undefined>({
  id: 'keys',
  async gather(probe) {
    const body = await probe.use(openidConfiguration);
    const uri = stringOf(body['jwks_uri']);
    const url = required(
      uri !== undefined && URL.canParse(uri) ? uri : undefined,
      'jwks_uri is missing (oidc/metadata-complete judges that)',
    );
    const answer = await probe.wire.send({ url, headers: { accept: 'application/json' } });
    const set = answer.status === 200 ? parseObject(answer.text) : undefined;
    const list = Array.isArray(set?.['keys']) && set['keys'].every(isObject) ? objectsOf(set['keys']) : null;
    const { at, status, headers } = seen(answer);
    return {
      facts: { answer: { at, status, headers }, keys: list?.map(keyFacts) ?? null },
      live: list === null ? undefined : set,
    };
  },
});

function keyFacts(key: JsonObject): KeyFacts {
  const has = (...names: string[]): boolean => names.every((name) => typeof key[name] === 'string');
  return {
    kty: stringOf(key['kty']) ?? null,
    kid: stringOf(key['kid']) ?? null,
    use: stringOf(key['use']) ?? null,
    rsaBits: key['kty'] === 'RSA' && has('n') ? Buffer.from(String(key['n']), 'base64url').length * 8 : null,
    complete: key['kty'] === 'RSA' ? has('n', 'e') : key['kty'] === 'EC' ? has('crv', 'x', 'y') : has('kty'),
    privateMembers: PRIVATE_MEMBERS.filter((name) => key[name] !== undefined),
  };
}

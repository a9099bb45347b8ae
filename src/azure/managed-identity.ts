import { type Clock, MINUTE, SECOND } from '../core/clock.ts';
import { SmartfhirError } from '../core/errors.ts';
import { exchange } from '../core/http.ts';
import type { Credential, FetchLike } from '../core/target.ts';

const API_VERSION = '2019-08-01';
/** A token is renewed this long before it ends. */
const RENEWAL_MARGIN_MS = 5 * MINUTE;

export interface ManagedIdentityOptions {
  /** `IDENTITY_ENDPOINT` of the App Service or Functions host. */
  readonly endpoint: string;
  /** `IDENTITY_HEADER`: proves that the caller runs inside the host. */
  readonly header: string;
  readonly fetch: FetchLike;
  readonly clock: Clock;
}

type AccessToken = { token: string; expiresOnTimestamp: number };

/** The system-assigned identity of the Function app. Tokens are kept per resource until shortly before they end. */
export function createManagedIdentity(options: ManagedIdentityOptions): Credential {
  const kept = new Map<string, AccessToken>();
  return {
    getToken: async (scopes) => {
      const scope = typeof scopes === 'string' ? scopes : (scopes[0] ?? '');
      const resource = scope.replace(/\/\.default$/, '');
      const known = kept.get(resource);
      if (known !== undefined && known.expiresOnTimestamp - RENEWAL_MARGIN_MS > options.clock.now())
        return known;
      const token = await request(options, resource);
      kept.set(resource, token);
      return token;
    },
  };
}

async function request(options: ManagedIdentityOptions, resource: string): Promise<AccessToken> {
  const url = new URL(options.endpoint);
  url.searchParams.set('resource', resource);
  url.searchParams.set('api-version', API_VERSION);
  const answer = await exchange(
    options.fetch,
    new Request(url, { headers: { 'x-identity-header': options.header } }),
  );
  if (answer.status !== 200) {
    throw new SmartfhirError('AUTH_FAILED', `the managed identity endpoint answered ${answer.status}`, {
      why: `no token for ${resource}`,
    });
  }
  const body = JSON.parse(answer.text) as { access_token?: unknown; expires_on?: unknown };
  const seconds = Number(body.expires_on);
  if (typeof body.access_token !== 'string' || !Number.isFinite(seconds)) {
    throw new SmartfhirError('RESPONSE_INVALID', 'the managed identity endpoint answered no token');
  }
  return { token: body.access_token, expiresOnTimestamp: seconds * SECOND };
}

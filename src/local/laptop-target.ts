import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { type Clock, MINUTE, systemClock } from '../core/clock.ts';
import { SmartfhirError } from '../core/errors.ts';
import { exchange } from '../core/http.ts';
import { AZURE_PUBLIC_ENDPOINTS, type Credential, type FetchLike, type Target } from '../core/target.ts';
import type { Cloud } from './cloud.ts';
import type { Origins } from './fabric.ts';

/** What a client must know of a laptop cloud to work with it, wherever that runs. */
export interface LaptopAccess {
  readonly fetch: FetchLike;
  readonly origins: Pick<Origins, 'gateway' | 'functions'>;
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly clientId: string;
  readonly clientSecret: string;
  readonly clock?: Clock;
}

/** A target, with the tenant and subscription of the cloud behind it. */
export interface LaptopTarget extends Target {
  readonly tenantId: string;
  readonly subscriptionId: string;
  /** Client id and object id side of who deploys, for role assignments made to itself. */
  readonly clientId: string;
  /** Ends connections; nothing for an in-process cloud. */
  close(): Promise<void>;
}

const tokenResponse = z.object({ access_token: z.string().min(1), expires_in: z.number().positive() });
const RENEW_BEFORE_MS = 5 * MINUTE;

/** The laptop cloud as a target of provisioning. */
function laptopTarget(
  access: LaptopAccess,
  close: () => Promise<void> = async () => undefined,
): LaptopTarget {
  return {
    name: 'local',
    cloud: 'laptop',
    features: { flexConsumption: true, apimConsumption: true },
    endpoints: AZURE_PUBLIC_ENDPOINTS,
    credential: clientCredential(access),
    fetch: access.fetch,
    tenantId: access.tenantId,
    subscriptionId: access.subscriptionId,
    clientId: access.clientId,
    publicOrigin: (host) => {
      if (/^[a-z0-9-]+\.azurewebsites\.net$/i.test(host)) return access.origins.functions;
      if (/^[a-z0-9-]+\.azure-api\.net$/i.test(host)) return access.origins.gateway;
      return `https://${host}`;
    },
    close,
  };
}

/** A cloud in this process as a target. */
export function inProcessTarget(cloud: Cloud): LaptopTarget {
  return laptopTarget({
    fetch: cloud.fetch,
    origins: cloud.fabric.origins,
    tenantId: cloud.fabric.tenantId,
    subscriptionId: cloud.fabric.subscriptionId,
    clientId: cloud.deployer.clientId,
    clientSecret: cloud.deployer.clientSecret,
    clock: cloud.fabric.clock,
  });
}

/** What the running stack leaves for its clients; lies in the state folder as `deployer.json` (0600). */
export const stackAccess = z.object({
  proxyUrl: z.url(),
  authorityPath: z.string(),
  origins: z.object({ gateway: z.url(), login: z.url(), functions: z.url(), app: z.url() }),
  tenantId: z.string(),
  subscriptionId: z.string(),
  clientId: z.string(),
  clientSecret: z.string(),
});

export type StackAccess = z.infer<typeof stackAccess>;

/** A running stack as a target: everything through its loopback proxy, trusting its CA only. */
export async function stackTarget(access: StackAccess): Promise<LaptopTarget> {
  const { proxiedFetch } = await import('./proxied-fetch.ts');
  const { fetch, close } = proxiedFetch(access.proxyUrl, await readFile(access.authorityPath, 'utf8'));
  return laptopTarget({ ...access, fetch }, close);
}

/** Client credentials (RFC 6749 section 4.4) of the deployer, renewed five minutes before they end. */
function clientCredential(access: LaptopAccess): Credential {
  const clock = access.clock ?? systemClock;
  const held = new Map<string, { token: string; expiresOnTimestamp: number }>();
  return {
    getToken: async (scopes, options) => {
      const scope = typeof scopes === 'string' ? scopes : scopes.join(' ');
      const known = held.get(scope);
      if (known !== undefined && known.expiresOnTimestamp - RENEW_BEFORE_MS > clock.now()) return known;
      const token = await requestToken(access, clock, scope, options?.abortSignal);
      held.set(scope, token);
      return token;
    },
  };
}

async function requestToken(
  access: LaptopAccess,
  clock: Clock,
  scope: string,
  signal: AbortSignal | undefined,
): Promise<{ token: string; expiresOnTimestamp: number }> {
  const request = new Request(`${AZURE_PUBLIC_ENDPOINTS.login}/${access.tenantId}/oauth2/v2.0/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'client_credentials',
      client_id: access.clientId,
      client_secret: access.clientSecret,
      scope,
    }),
  });
  const answer = await exchange(access.fetch, request, signal === undefined ? {} : { signal });
  const parsed = answer.status === 200 ? tokenResponse.safeParse(JSON.parse(answer.text)) : undefined;
  if (parsed?.data === undefined) {
    const code = /AADSTS\d+/.exec(answer.text)?.[0] ?? `status ${answer.status}`;
    throw new SmartfhirError('AUTH_FAILED', `the laptop's Entra refused the deployer: ${code}`, {
      fix: 'restart the laptop stack; its deployer gets a new secret',
      command: 'smartfhir local down',
    });
  }
  const { access_token: token, expires_in: seconds } = parsed.data;
  return { token, expiresOnTimestamp: clock.now() + seconds * 1000 };
}

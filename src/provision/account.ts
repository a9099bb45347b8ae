import { type AuthorizedHttp, jsonObject } from '../azure/authorized-http.ts';
import type { Config } from '../config/config.ts';
import { SmartfhirError } from '../core/errors.ts';
import { exchange } from '../core/http.ts';
import type { Target } from '../core/target.ts';

/** Where and as whom a stack is provisioned. */
export interface Account {
  readonly tenantId: string;
  readonly subscriptionId: string;
  /** `iss` of the tenant's v2 tokens, as its discovery document says. */
  readonly issuer: string;
  /** `https://login.microsoftonline.com/{tenant}`, no trailing slash. */
  readonly authority: string;
  readonly deployer: { readonly principalId: string; readonly principalType: 'User' | 'ServicePrincipal' };
}

const SUBSCRIPTIONS_API_VERSION = '2022-12-01';

/**
 * Finds out who is signed in, in which tenant, and which subscription is meant.
 *
 * @throws SmartfhirError `AUTH_FAILED` when the credential is of another tenant, `MISSING_INPUT` when the credential
 *   sees several subscriptions and none is configured
 */
export async function resolveAccount(config: Config, target: Target, http: AuthorizedHttp): Promise<Account> {
  const { arm, login } = target.endpoints;
  const claims = unverifiedClaims(await http.token(`${arm}/.default`));
  const tenantId = String(claims['tid'] ?? '');
  const principalId = String(claims['oid'] ?? '');
  if (tenantId === '' || principalId === '') {
    throw new SmartfhirError('AUTH_FAILED', 'the credential gave a token without tenant or object id');
  }
  if (config.azure.tenant !== undefined && config.azure.tenant.toLowerCase() !== tenantId.toLowerCase()) {
    throw new SmartfhirError(
      'AUTH_FAILED',
      `signed in to tenant ${tenantId}, not to ${config.azure.tenant}`,
      {
        fix: 'sign in to the tenant that smartfhir.yaml names: az login --tenant TENANT',
      },
    );
  }
  const authority = `${login}/${tenantId}`;
  return {
    tenantId,
    subscriptionId: config.azure.subscription ?? (await onlySubscription(arm, http)),
    issuer: await discoverIssuer(authority, target),
    authority,
    deployer: { principalId, principalType: isApp(claims) ? 'ServicePrincipal' : 'User' },
  };
}

async function onlySubscription(arm: string, http: AuthorizedHttp): Promise<string> {
  const url = `${arm}/subscriptions?api-version=${SUBSCRIPTIONS_API_VERSION}`;
  const answer = await http.send({ method: 'GET', url, scope: `${arm}/.default` });
  const found = (jsonObject(answer, 'the list of subscriptions')['value'] ?? []) as {
    subscriptionId: string;
  }[];
  const [only, ...more] = found;
  if (only !== undefined && more.length === 0) return only.subscriptionId;
  throw new SmartfhirError(
    'MISSING_INPUT',
    only === undefined
      ? 'the credential sees no subscription'
      : `the credential sees ${found.length} subscriptions`,
    { fix: 'set azure.subscription in smartfhir.yaml to the id of the one to use' },
  );
}

async function discoverIssuer(authority: string, target: Target): Promise<string> {
  const url = `${authority}/v2.0/.well-known/openid-configuration`;
  const answer = await exchange(target.fetch, new Request(url, { redirect: 'manual' }));
  const issuer = answer.status === 200 ? jsonObject(answer, url)['issuer'] : undefined;
  if (typeof issuer === 'string') return issuer;
  throw new SmartfhirError('RESPONSE_INVALID', `${url} answered ${answer.status} and no issuer`);
}

/** Entra marks app-only tokens with `idtyp`, where that claim is on; else they are those without delegated scopes. */
function isApp(claims: Readonly<Record<string, unknown>>): boolean {
  return claims['idtyp'] === 'app' || (claims['idtyp'] === undefined && claims['scp'] === undefined);
}

/** Claims of a token that we send on and never trust: ARM verifies it. */
function unverifiedClaims(token: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

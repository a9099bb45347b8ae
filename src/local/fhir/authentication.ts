import { decodeJwt, decodeProtectedHeader, errors, type JWTPayload, jwtVerify } from 'jose';
import { FHIR_CHALLENGE, FHIR_CLOCK_SKEW_SECONDS } from '../beliefs.ts';
import type { Fabric } from '../fabric.ts';
import { isAllowed } from '../rbac.ts';
import type { Caller, DataAction } from './caller.ts';
import { type Discovered, Discovery } from './discovery.ts';
import { FhirError } from './fhir-error.ts';
import type { FhirService, IdentityProvider } from './service.ts';
import { smartAccess } from './smart/smart-access.ts';

const ACTIONS = 'Microsoft.HealthcareApis/workspaces/fhirservices/resources';
const LONGEST_TOKEN = 16_384;

/** What an identity provider's application may do; never writes, never exports. */
const PROVIDER_ACTIONS: readonly DataAction[] = ['read', 'smart/action'];

/** Turns a request's bearer token into a caller: first validity (401), then roles and SMART rules (403, 400). */
export class Authentication {
  readonly #fabric: Fabric;
  readonly discovery: Discovery;

  constructor(fabric: Fabric) {
    this.#fabric = fabric;
    this.discovery = new Discovery(fabric);
  }

  /** @throws FhirError 401, 400 for SMART scopes the service refuses, 503 without OIDC configuration */
  async caller(service: FhirService, headers: Headers): Promise<Caller> {
    const token = /^bearer ([\w-]+\.[\w-]+\.[\w-]+)$/i.exec(headers.get('authorization') ?? '')?.[1];
    if (token === undefined || token.length > LONGEST_TOKEN) throw unauthorized();
    const provider = await this.#providerOf(service, token);
    return provider === undefined
      ? this.#tenantCaller(service, await this.#verified(service.authority, token, service))
      : providerCaller(provider, await this.#verified(provider.authority, token, undefined));
  }

  /** The identity provider that issued the token; undefined means the tenant. */
  async #providerOf(service: FhirService, token: string): Promise<IdentityProvider | undefined> {
    if (service.identityProviders.length === 0) return undefined;
    const issuer = unverifiedIssuer(token);
    for (const provider of service.identityProviders) {
      const found = await this.discovery.of(provider.authority).catch(() => undefined);
      if (found?.issuer === issuer) return provider;
    }
    return undefined;
  }

  /** @param service given for the tenant's tokens: then both Entra issuers count and the audience is the service's */
  async #verified(authority: string, token: string, service: FhirService | undefined): Promise<JWTPayload> {
    const found = await this.discovery.of(authority);
    try {
      return await this.#verify(found, token, service);
    } catch (error) {
      if (!(error instanceof errors.JWKSNoMatchingKey)) throw unauthorized();
    }
    try {
      return await this.#verify(await this.discovery.of(authority, true), token, service);
    } catch {
      throw unauthorized();
    }
  }

  async #verify(found: Discovered, token: string, service: FhirService | undefined): Promise<JWTPayload> {
    const { fabric } = { fabric: this.#fabric };
    const issuers =
      service === undefined
        ? [found.issuer]
        : [
            found.issuer,
            `https://sts.windows.net/${fabric.tenantId}/`,
            `${fabric.origins.login}/${fabric.tenantId}/v2.0`,
          ];
    const { payload } = await jwtVerify(token, found.keys, {
      algorithms: ['RS256', 'PS256', 'ES256', 'RS384', 'ES384'],
      issuer: issuers,
      currentDate: new Date(fabric.clock.now()),
      clockTolerance: FHIR_CLOCK_SKEW_SECONDS,
      requiredClaims: ['exp', 'aud', 'iss'],
    });
    // Exact, as the service compares: no trailing slash, no case folding, no list.
    if (service !== undefined && payload.aud !== service.audience) throw new Error('audience');
    return payload;
  }

  #tenantCaller(service: FhirService, claims: JWTPayload): Caller {
    const principalId = typeof claims['oid'] === 'string' ? claims['oid'] : '';
    const may = (action: DataAction): boolean =>
      principalId !== '' &&
      isAllowed(this.#fabric, { principalId, scope: service.id, action: `${ACTIONS}/${action}`, data: true });
    return {
      principalId,
      clientId: clientOf(claims),
      may,
      smart: may('smart/action') ? smartAccess(claims) : undefined,
    };
  }
}

/** `clientId` against azp or appid and `audience` against aud, both exact; anything else is no valid token. */
function providerCaller(provider: IdentityProvider, claims: JWTPayload): Caller {
  const clientId = clientOf(claims);
  const application = provider.applications.find(
    (item) => item.clientId === clientId && item.audience === claims.aud,
  );
  if (application === undefined) throw unauthorized();
  return {
    principalId: `${String(claims.iss)}|${String(claims.sub ?? '')}`,
    clientId,
    may: (action) => application.reads && PROVIDER_ACTIONS.includes(action),
    smart: smartAccess(claims),
  };
}

function clientOf(claims: JWTPayload): string {
  const client = claims['azp'] ?? claims['appid'];
  return typeof client === 'string' ? client : '';
}

function unverifiedIssuer(token: string): string | undefined {
  try {
    decodeProtectedHeader(token);
    return decodeJwt(token).iss;
  } catch {
    return undefined;
  }
}

function unauthorized(): FhirError {
  return new FhirError(401, 'login', 'Authentication failed.', {
    headers: { 'WWW-Authenticate': FHIR_CHALLENGE },
  });
}

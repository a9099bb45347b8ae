import { randomBytes, randomInt } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { sha256 } from '../../core/ids.ts';
import {
  ENTRA_ACCESS_TOKEN_SECONDS,
  ENTRA_BACKDATE_SECONDS,
  ENTRA_MANAGED_IDENTITY_TOKEN_SECONDS,
} from '../beliefs.ts';
import { directoryOf, type Resource } from '../directory/directory.ts';
import { assignedRoles } from '../directory/grants.ts';
import type { User } from '../directory/objects.ts';
import type { Fabric } from '../fabric.ts';
import { AadError } from './aadsts.ts';
import { mappedClaims, optionalClaims } from './claims-mapping.ts';
import { issuerV1, issuerV2 } from './issuer.ts';
import { sign } from './signing-keys.ts';

/** How the client proved itself: `azpacr`. */
export type ClientProof = 'none' | 'secret' | 'certificate';

export interface TokenRequest {
  /** The client's service principal, with its application. */
  readonly client: Resource;
  readonly proof: ClientProof;
  readonly resource: Resource;
  /** The resource as the request spelled it: the audience of v1 tokens. */
  readonly resourceName: string;
  /** Absent in app-only tokens. */
  readonly user?: User;
  readonly scopes?: readonly string[];
  /** Milliseconds since the epoch: when the user typed the password. */
  readonly authenticatedAt?: number;
}

export interface IssuedToken {
  readonly token: string;
  readonly expiresInSeconds: number;
  /** Seconds since the epoch. */
  readonly expiresAt: number;
}

const PROOF_DIGIT: Readonly<Record<ClientProof, string>> = { none: '0', secret: '1', certificate: '2' };

/**
 * An access token, its shape chosen by the resource's `requestedAccessTokenVersion` (Entra ID: access token
 * claims reference).
 *
 * @throws AadError 500014, 501051, 50105 when resource or assignment forbid it; 50146, 501461 by claims mapping
 */
export async function issueAccessToken(fabric: Fabric, request: TokenRequest): Promise<IssuedToken> {
  const directory = directoryOf(fabric);
  const { resource, user } = request;
  const roles = assignedRoles(directory, user?.id ?? request.client.principal.id, resource);
  demandAssignment(fabric, request, roles);
  const version = resource.application?.api.requestedAccessTokenVersion === 2 ? 2 : 1;
  const audience = version === 2 ? resource.principal.appId : request.resourceName;
  const now = Math.floor(fabric.clock.now() / 1000);
  const expiresAt = now + lifetimeOf(request);
  const claims: JWTPayload = {
    aud: audience,
    iss: version === 2 ? issuerV2(fabric) : issuerV1(fabric),
    iat: now - ENTRA_BACKDATE_SECONDS,
    nbf: now - ENTRA_BACKDATE_SECONDS,
    exp: expiresAt,
    ...clientClaims(request, version),
    ...(user === undefined
      ? appClaims(fabric, request, version)
      : userClaims(fabric, request, user, version)),
    ...(roles.length > 0 ? { roles } : {}),
    tid: fabric.tenantId,
    uti: makeUti(),
    ver: `${version}.0`,
    ...optionalClaims(resource.application?.optionalClaims?.accessToken, user),
    ...mappedClaims(directory, resource, audience, user),
  };
  return { token: await sign(fabric, claims, version), expiresInSeconds: expiresAt - now, expiresAt };
}

/** A user's `sub` differs from application to application (pairwise). */
export function pairwiseSubject(tenantId: string, userId: string, appId: string): string {
  return sha256(['sub', tenantId, userId, appId].join('\n'));
}

export function makeUti(): string {
  return randomBytes(16).toString('base64url');
}

function clientClaims({ client, proof }: TokenRequest, version: 1 | 2): JWTPayload {
  const digit = PROOF_DIGIT[proof];
  const { appId, displayName } = client.principal;
  if (version === 2) return { azp: appId, azpacr: digit };
  return { appid: appId, appidacr: digit, app_displayname: displayName };
}

function appClaims(fabric: Fabric, request: TokenRequest, version: 1 | 2): JWTPayload {
  const { id, resourceId } = request.client.principal;
  const wanted = request.resource.application?.optionalClaims?.accessToken ?? [];
  const typed = version === 1 || wanted.some((claim) => claim.name === 'idtyp');
  return {
    oid: id,
    sub: id,
    ...(typed ? { idtyp: 'app' } : {}),
    ...(version === 1 ? { idp: issuerV1(fabric) } : {}),
    ...(resourceId === null ? {} : { xms_mirid: resourceId }),
  };
}

function userClaims(fabric: Fabric, request: TokenRequest, user: User, version: 1 | 2): JWTPayload {
  const names =
    version === 2
      ? { preferred_username: user.userPrincipalName }
      : { acr: '1', amr: ['pwd'], unique_name: user.userPrincipalName, upn: user.userPrincipalName };
  return {
    name: user.displayName,
    ...names,
    oid: user.id,
    sub: pairwiseSubject(fabric.tenantId, user.id, request.resource.principal.appId),
    scp: (request.scopes ?? []).join(' '),
  };
}

function demandAssignment(fabric: Fabric, request: TokenRequest, roles: readonly string[]): void {
  const { principal } = request.resource;
  if (!principal.accountEnabled) {
    throw new AadError(
      500014,
      `The service principal for resource '${request.resourceName}' is disabled. This indicate that a subscription ` +
        'within the tenant has lapsed, or that the administrator for this tenant has disabled the application, ' +
        'preventing tokens from being issued for it.',
    );
  }
  if (request.user !== undefined || !principal.appRoleAssignmentRequired || roles.length > 0) return;
  const { appId } = request.client.principal;
  throw new AadError(
    501051,
    `Application '${appId}'(${request.client.principal.displayName}) is not assigned to a role for the application ` +
      `'${principal.appId}'(${principal.displayName}) in tenant '${fabric.tenantId}'.`,
  );
}

function lifetimeOf({ user, client }: TokenRequest): number {
  if (client.principal.servicePrincipalType === 'ManagedIdentity')
    return ENTRA_MANAGED_IDENTITY_TOKEN_SECONDS;
  const { shortest, longest } = ENTRA_ACCESS_TOKEN_SECONDS;
  return user === undefined ? shortest - 1 : randomInt(shortest, longest);
}

import type { JWTPayload } from 'jose';
import { ENTRA_BACKDATE_SECONDS } from '../beliefs.ts';
import { directoryOf } from '../directory/directory.ts';
import { assignedRoles } from '../directory/grants.ts';
import type { User } from '../directory/objects.ts';
import type { Fabric } from '../fabric.ts';
import { makeUti, pairwiseSubject } from './access-token.ts';
import { mappedClaims, optionalClaims } from './claims-mapping.ts';
import type { Client } from './client-authentication.ts';
import { issuerV2 } from './issuer.ts';
import { sign } from './signing-keys.ts';

const LIFETIME_SECONDS = 3600;

/**
 * An id_token of the v2 endpoint. Claims mapping follows the policy on the client's service principal.
 *
 * @throws AadError 50146, 501461
 */
export async function issueIdToken(
  fabric: Fabric,
  request: {
    readonly client: Client;
    readonly user: User;
    readonly oidc: readonly string[];
    readonly nonce: string | null;
  },
): Promise<string> {
  const { client, user, oidc, nonce } = request;
  const directory = directoryOf(fabric);
  const now = Math.floor(fabric.clock.now() / 1000);
  const roles = assignedRoles(directory, user.id, client);
  const wanted = client.application.optionalClaims?.idToken;
  const claims: JWTPayload = {
    aud: client.principal.appId,
    iss: issuerV2(fabric),
    iat: now - ENTRA_BACKDATE_SECONDS,
    nbf: now - ENTRA_BACKDATE_SECONDS,
    exp: now + LIFETIME_SECONDS,
    ...(nonce === null ? {} : { nonce }),
    ...(oidc.includes('email') && user.mail !== null ? { email: user.mail } : {}),
    ...(oidc.includes('profile')
      ? { name: user.displayName, preferred_username: user.userPrincipalName }
      : {}),
    ...(oidc.includes('profile') ? { oid: user.id } : {}),
    ...(roles.length > 0 ? { roles } : {}),
    sub: pairwiseSubject(fabric.tenantId, user.id, client.principal.appId),
    tid: fabric.tenantId,
    uti: makeUti(),
    ver: '2.0',
    ...optionalClaims(wanted, user),
    ...mappedClaims(directory, client, client.principal.appId, user),
  };
  return sign(fabric, claims, 2);
}

import { directoryOf } from '../directory/directory.ts';
import { managedIdentityOf } from '../directory/identities.ts';
import type { Fabric } from '../fabric.ts';
import { AadError } from './aadsts.ts';
import { issueAccessToken } from './access-token.ts';

/** What App Service's identity endpoint answers; times are seconds since the epoch, as text. */
export interface ManagedIdentityToken {
  readonly access_token: string;
  readonly expires_on: string;
  readonly resource: string;
  readonly token_type: 'Bearer';
  readonly client_id: string;
}

/**
 * A token of the system-assigned identity of an ARM resource.
 *
 * @param resource the audience as the SDK asks for it (`https://vault.azure.net`)
 * @throws AadError 700016 when the resource has no (replicated) identity, 500011 when the audience is unknown
 */
export async function issueManagedIdentityToken(
  fabric: Fabric,
  resourceId: string,
  resource: string,
): Promise<ManagedIdentityToken> {
  const directory = directoryOf(fabric);
  const identity = managedIdentityOf(fabric, resourceId);
  if (identity === undefined) {
    throw new AadError(
      700016,
      `No managed identity of '${resourceId}' was found in the directory '${fabric.tenantId}'.`,
    );
  }
  const target = directory.resourceNamed(resource);
  if (target === undefined) {
    throw new AadError(
      500011,
      `The resource principal named ${resource} was not found in the tenant named ${fabric.tenantId}.`,
    );
  }
  const issued = await issueAccessToken(fabric, {
    client: { principal: identity, application: undefined },
    proof: 'certificate',
    resource: target,
    resourceName: resource,
  });
  return {
    access_token: issued.token,
    expires_on: String(issued.expiresAt),
    resource,
    token_type: 'Bearer',
    client_id: identity.appId,
  };
}

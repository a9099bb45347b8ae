import { directoryOf } from '../directory/directory.ts';
import type { Fabric } from '../fabric.ts';
import { AadError } from './aadsts.ts';
import { issueAccessToken } from './access-token.ts';
import { authenticateClient } from './client-authentication.ts';
import { crossOrigin } from './cross-origin.ts';
import { type Parameters, required } from './form.ts';
import { resourceNamed } from './scopes.ts';

export interface AppTokenResponse {
  readonly token_type: 'Bearer';
  readonly expires_in: number;
  readonly ext_expires_in: number;
  readonly access_token: string;
}

const SUFFIX = '/.default';

/**
 * An app-only token: the scope is exactly `{resource}/.default`, the rights are the assigned app roles.
 *
 * @throws AadError
 */
export async function issueClientToken(
  fabric: Fabric,
  request: Request,
  form: Parameters,
): Promise<AppTokenResponse> {
  const scope = required(form, 'scope').trim();
  const origin = request.headers.get('origin');
  if (origin !== null) throw crossOrigin(origin);
  const { client, proof } = await authenticateClient(fabric, request, form);
  if (proof === 'none') {
    throw new AadError(
      7000218,
      "The request body must contain the following parameter: 'client_assertion' or 'client_secret'.",
    );
  }
  if (!scope.endsWith(SUFFIX) || scope.includes(' ')) {
    throw new AadError(
      1002012,
      `The provided value for scope ${scope.slice(0, 200)} is not valid. Client credential flows must have a scope ` +
        'value with /.default suffixed to the resource identifier (application ID URI).',
    );
  }
  const resourceName = scope.slice(0, -SUFFIX.length);
  const resource = resourceNamed(directoryOf(fabric), resourceName);
  const issued = await issueAccessToken(fabric, { client, proof, resource, resourceName });
  fabric.log({ standIn: 'entra', level: 'info', text: `app token issued to ${client.application.appId}` });
  return {
    token_type: 'Bearer',
    expires_in: issued.expiresInSeconds,
    ext_expires_in: issued.expiresInSeconds,
    access_token: issued.token,
  };
}

import { findSecret } from '../directory/client-secret.ts';
import { directoryOf, type Resource } from '../directory/directory.ts';
import type { Application } from '../directory/objects.ts';
import type { Fabric } from '../fabric.ts';
import { AadError } from './aadsts.ts';
import type { ClientProof } from './access-token.ts';
import { checkAssertion } from './client-assertion.ts';
import type { Parameters } from './form.ts';

/** A client that the tenant knows. Only an own application can be one. */
export interface Client extends Resource {
  readonly application: Application;
}

export interface AuthenticatedClient {
  readonly client: Client;
  readonly proof: ClientProof;
}

const JWT_BEARER = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** @throws AadError 700016, 7000112 */
export function clientNamed(fabric: Fabric, clientId: string): Client {
  const directory = directoryOf(fabric);
  const principal = directory.servicePrincipalByAppId(clientId);
  const application = directory.applicationByAppId(clientId);
  if (principal === undefined || application === undefined) {
    throw new AadError(
      700016,
      `Application with identifier '${clientId.slice(0, 100)}' was not found in the directory '${fabric.tenantId}'. ` +
        'This can happen if the application has not been installed by the administrator of the tenant or consented ' +
        'to by any user in the tenant. You may have sent your authentication request to the wrong tenant.',
    );
  }
  if (!principal.accountEnabled) {
    throw new AadError(7000112, `Application '${principal.appId}'(${principal.displayName}) is disabled.`);
  }
  return { principal, application };
}

/**
 * Who asks for a token: secret in the body or by HTTP Basic, signed assertion, or nothing (`proof` none).
 *
 * @throws AadError 700016, 7000112, 7000215, 7000222, 700023, 700024, 700027, 7000216, 90023
 */
export async function authenticateClient(
  fabric: Fabric,
  request: Request,
  form: Parameters,
): Promise<AuthenticatedClient> {
  const basic = basicCredentials(request.headers.get('authorization'));
  const secret = form.get('client_secret');
  const assertion = form.get('client_assertion');
  const ways = [basic, secret, assertion].filter((way) => way !== undefined).length;
  if (ways > 1) throw new AadError(90023, 'More than one client credential was presented.');
  const clientId = form.get('client_id') ?? basic?.clientId ?? '';
  if (clientId === '') {
    throw new AadError(900144, "The request body must contain the following parameter: 'client_id'.");
  }
  if (basic !== undefined && basic.clientId !== clientId) {
    throw new AadError(90023, 'The client_id in the body differs from that in the Authorization header.');
  }
  const client = clientNamed(fabric, clientId);
  const presented = basic?.secret ?? secret;
  if (presented !== undefined) return { client, proof: checkSecret(fabric, client, presented) };
  if (assertion === undefined) return { client, proof: 'none' };
  if (form.get('client_assertion_type') !== JWT_BEARER) {
    throw new AadError(
      7000216,
      "'client_assertion_type' must be 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer'.",
    );
  }
  await checkAssertion(fabric, client.application, assertion);
  return { client, proof: 'certificate' };
}

function checkSecret(fabric: Fabric, { application }: Client, secret: string): ClientProof {
  const found = findSecret(application.passwordCredentials, secret);
  if (found === undefined) {
    throw new AadError(
      7000215,
      'Invalid client secret provided. Ensure the secret being sent in the request is the client secret value, not ' +
        `the client secret ID, for a secret added to app '${application.appId}'.`,
    );
  }
  const now = fabric.clock.now();
  if (Date.parse(found.endDateTime) > now && Date.parse(found.startDateTime) <= now) return 'secret';
  throw new AadError(
    7000222,
    `The provided client secret keys for app '${application.appId}' are expired. Visit the Azure portal to create ` +
      'new keys for your app: https://aka.ms/NewClientSecret, or consider using certificate credentials for added ' +
      'security: https://aka.ms/certCreds.',
  );
}

/** RFC 6749 section 2.3.1: both parts are form-encoded before they are joined. */
function basicCredentials(header: string | null): { clientId: string; secret: string } | undefined {
  if (header === null) return undefined;
  const encoded = /^basic ([a-z0-9+/=]+)$/i.exec(header)?.[1];
  const text = encoded === undefined ? '' : Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  if (colon < 1) throw new AadError(9002313, 'Invalid request. Request is malformed or invalid.');
  return { clientId: formDecoded(text.slice(0, colon)), secret: formDecoded(text.slice(colon + 1)) };
}

function formDecoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    throw new AadError(9002313, 'Invalid request. Request is malformed or invalid.');
  }
}

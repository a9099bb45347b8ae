import { SECOND } from '../../core/clock.ts';
import { ASSERTION_TYPE, AssertionError, claimedClientId, verifyAssertion } from '../../smart/assertion.ts';
import type { ClientRegistration } from '../../smart/registration.ts';
import type { Gateway } from '../context.ts';
import type { ClientProof } from '../issuer/token-issuer.ts';
import { OAuthError } from '../oauth-error.ts';
import { once } from '../parameters.ts';
import { authBase } from '../settings.ts';
import { LEEWAY_SECONDS } from '../state/state.ts';

export interface AuthenticatedClient {
  readonly client: ClientRegistration;
  /** A secret is not yet verified: only Entra can, and does when the grant is redeemed or `confirmSecret` asks. */
  readonly proof: ClientProof;
}

/**
 * Who calls, and by which proof. Exactly one mechanism (RFC 6749 section 2.3), the one the client is registered for.
 *
 * @throws OAuthError `invalid_client` or `invalid_request`
 */
export async function authenticateClient(
  gateway: Gateway,
  request: Request,
  form: URLSearchParams,
): Promise<AuthenticatedClient> {
  const basic = readBasic(request.headers.get('authorization'));
  const secret = once(form, 'client_secret');
  const assertion = once(form, 'client_assertion');
  const assertionType = once(form, 'client_assertion_type');
  const clientId = once(form, 'client_id');
  const mechanisms = [basic, secret, assertion ?? assertionType].filter((value) => value !== undefined);
  if (mechanisms.length > 1)
    throw new OAuthError('invalid_request', 'more than one kind of client authentication');
  if (assertion !== undefined || assertionType !== undefined) {
    return byAssertion(gateway, assertion, assertionType, clientId);
  }
  if (basic !== undefined && clientId !== undefined && clientId !== basic.clientId) {
    throw new OAuthError('invalid_request', 'client_id differs from the client that authenticated');
  }
  const client = find(gateway, basic?.clientId ?? clientId);
  const presented = basic?.secret ?? secret;
  if (client.auth === 'secret' && presented !== undefined)
    return { client, proof: { kind: 'secret', secret: presented } };
  if (client.auth === 'public' && presented === undefined) return { client, proof: { kind: 'public' } };
  throw failed(`a ${client.auth} client used another kind of authentication`);
}

/** Has Entra confirm a secret that no redemption follows. Public clients and assertions pass. */
export async function confirmSecret(gateway: Gateway, { client, proof }: AuthenticatedClient): Promise<void> {
  if (proof.kind === 'secret') await gateway.issuer.clientCredentials(client, proof);
}

async function byAssertion(
  gateway: Gateway,
  assertion: string | undefined,
  assertionType: string | undefined,
  clientId: string | undefined,
): Promise<AuthenticatedClient> {
  if (assertionType !== ASSERTION_TYPE) throw failed('client_assertion_type is not the one of RFC 7523');
  if (assertion === undefined) throw failed('client_assertion is missing');
  const client = find(gateway, claimedClientId(assertion));
  if (clientId !== undefined && clientId !== client.clientId)
    throw failed('client_id differs from the assertion');
  if (client.auth !== 'private_key_jwt') throw failed(`a ${client.auth} client used an assertion`);
  try {
    const claims = await verifyAssertion(assertion, {
      clientId: client.clientId,
      audiences: [`${authBase(gateway.settings)}/token`],
      ...(client.jwksUrl === undefined ? {} : { jwksUrl: client.jwksUrl }),
      keys: (refresh) => gateway.clientKeys(client, refresh),
      now: gateway.clock.now(),
      leewaySeconds: LEEWAY_SECONDS,
    });
    const until = (claims.exp + LEEWAY_SECONDS) * SECOND;
    const first = await gateway.state.assertions.insert(
      `${client.clientId}\n${claims.jti}`,
      { seen: true },
      until,
    );
    if (!first) throw new AssertionError('"jti" was seen before');
  } catch (error) {
    if (error instanceof AssertionError) throw failed(error.message);
    throw error;
  }
  return { client, proof: { kind: 'assertion' } };
}

function find(gateway: Gateway, clientId: string | undefined): ClientRegistration {
  const client = clientId === undefined ? undefined : gateway.client(clientId);
  if (client === undefined)
    throw failed(clientId === undefined ? 'no client_id' : 'the client_id is not registered');
  return client;
}

function failed(detail: string): OAuthError {
  return new OAuthError('invalid_client', 'client authentication failed', { detail });
}

/** RFC 6749 section 2.3.1. Many clients do not form-encode: only well-formed escapes are decoded, `+` stays. */
function readBasic(header: string | null): { clientId: string; secret: string } | undefined {
  if (header === null) return undefined;
  const [scheme = '', credentials = ''] = header.trim().split(/\s+/, 2);
  if (scheme.toLowerCase() !== 'basic') throw failed('the Authorization header is not Basic');
  const text = Buffer.from(credentials, 'base64').toString('utf8');
  const at = text.indexOf(':');
  if (at < 1) throw failed('the Basic credentials are malformed');
  return { clientId: unescapeForm(text.slice(0, at)), secret: unescapeForm(text.slice(at + 1)) };
}

function unescapeForm(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

import { SmartfhirError } from '../core/errors.ts';
import { randomToken } from '../core/ids.ts';
import { ASSERTION_TYPE, signAssertion } from './assertion.ts';
import { signingKey } from './jwt.ts';
import type { ProfileClient } from './server-profile.ts';

/** What a client adds to a token request to prove who it is. */
export interface ClientAuth {
  readonly headers: Readonly<Record<string, string>>;
  readonly form: Readonly<Record<string, string>>;
}

/**
 * The client's own way of authenticating.
 *
 * @param tokenUrl audience of the assertion of a private_key_jwt client
 * @param nowMs milliseconds since the epoch
 */
export async function authenticateClient(
  client: ProfileClient,
  tokenUrl: string,
  nowMs: number,
): Promise<ClientAuth> {
  if (client.kind === 'public') return { headers: {}, form: { client_id: client.clientId } };
  if (client.kind === 'secret') return basicAuth(client.clientId, requireSecret(client));
  const assertion = await clientAssertion(client, tokenUrl, nowMs);
  return { headers: {}, form: { client_assertion_type: ASSERTION_TYPE, client_assertion: assertion } };
}

/** RFC 6749 section 2.3.1: both parts form-urlencoded before base64. */
export function basicAuth(clientId: string, secret: string): ClientAuth {
  const pair = `${formEncode(clientId)}:${formEncode(secret)}`;
  return { headers: { authorization: `Basic ${Buffer.from(pair).toString('base64')}` }, form: {} };
}

/** SMART client-confidential-asymmetric "Authenticating to the Token endpoint". */
async function clientAssertion(client: ProfileClient, tokenUrl: string, nowMs: number): Promise<string> {
  if (client.jwks === undefined) {
    throw new SmartfhirError('KEY_UNUSABLE', `client ${client.clientId} has no private JWKS`);
  }
  return await signAssertion({
    clientId: client.clientId,
    audience: tokenUrl,
    key: signingKey(client.jwks),
    jti: randomToken(),
    now: nowMs,
  });
}

function requireSecret(client: ProfileClient): string {
  if (client.secret !== undefined) return client.secret;
  throw new SmartfhirError('MISSING_INPUT', `client ${client.clientId} has no secret`, {
    fix: 'give it as env:VAR, file:PATH or keyvault:VAULT/NAME in smartfhir.yaml',
  });
}

function formEncode(text: string): string {
  return new URLSearchParams({ v: text }).toString().slice(2);
}

import { scopesSupported } from '../../smart/scope-table.ts';
import { smartConfiguration } from '../../smart/smart-configuration.ts';
import type { Gateway } from '../context.ts';
import { authBase } from '../settings.ts';

/** `{fhirBase}/.well-known/smart-configuration`: the same for everyone, whatever Accept says. */
export async function discovery(gateway: Gateway): Promise<Response> {
  const { issuer, jwksUri } = await gateway.keys.metadata();
  const document = smartConfiguration({
    authBase: authBase(gateway.settings),
    issuer,
    jwksUri,
    scopes: scopesSupported(),
  });
  return Response.json(document, { headers: { 'cache-control': 'public, max-age=300' } });
}

/** `{authBase}/clients/{name}/jwks.json`: the public keys smartfhir made for a client, so that they have a URL. */
export function clientJwks(gateway: Gateway, name: string): Response | undefined {
  const client = gateway.settings.clients.find((one) => one.name === name);
  if (client?.jwks === undefined) return undefined;
  const keys = client.jwks.keys.map(({ d, p, q, dp, dq, qi, k, ...key }) => key);
  return Response.json({ keys }, { headers: { 'cache-control': 'public, max-age=300' } });
}

import type { JWK } from 'jose';
import type { ForeignServer } from '../config/schema.ts';
import { resolveSecret, type SecretSources } from '../config/secret-reference.ts';
import { SmartfhirError } from '../core/errors.ts';
import { isObject } from '../smart/json.ts';
import type { ProfileClient, ProfileUser, ServerProfile } from '../smart/server-profile.ts';

/** A server of others as smartfhir.yaml describes it, its secrets looked up. */
export async function foreignProfile(server: ForeignServer, sources: SecretSources): Promise<ServerProfile> {
  const clients: Record<string, ProfileClient> = {};
  for (const [name, client] of Object.entries(server.clients)) {
    const secret = client.secret === undefined ? undefined : await resolveSecret(client.secret, sources);
    const jwks = client.jwks === undefined ? undefined : await resolveSecret(client.jwks, sources);
    clients[name] = {
      kind: client.kind,
      launch:
        client.launch ??
        (client.kind === 'private_key_jwt' && client.redirectUri === undefined ? 'backend' : 'standalone'),
      clientId: client.clientId,
      scopes: client.scopes,
      ...(client.redirectUri === undefined ? {} : { redirectUri: client.redirectUri }),
      ...(secret === undefined ? {} : { secret }),
      ...(jwks === undefined ? {} : { jwks: parseJwks(jwks, `clients.${name}.jwks`) }),
    };
  }
  const users: Record<string, ProfileUser> = {};
  for (const [name, user] of Object.entries(server.users)) {
    users[name] = {
      username: user.username,
      password: await resolveSecret(user.password, sources),
      ...(user.fhirUser === undefined ? {} : { fhirUser: user.fhirUser }),
    };
  }
  return {
    fhirUrl: server.url,
    clients,
    users,
    patients: server.patients,
    ...(server.otherPatient === undefined ? {} : { otherPatient: server.otherPatient }),
    ...(server.group === undefined ? {} : { group: server.group }),
    ...(server.launch === undefined ? {} : { launch: server.launch }),
  };
}

/** A URL alone, and one client from `SMARTFHIR_CLIENT_ID` and its neighbours when they are set. */
export async function profileFromEnvironment(url: string, sources: SecretSources): Promise<ServerProfile> {
  checkUrl(url);
  // CI sets variables of secrets that are not there to nothing.
  const given = (name: string): string | undefined => sources.env[`SMARTFHIR_${name}`] || undefined;
  const clientId = given('CLIENT_ID');
  if (clientId === undefined) return { fhirUrl: url, clients: {}, users: {}, patients: [] };
  const secret = given('CLIENT_SECRET');
  const file = given('JWKS_FILE');
  const refreshToken = given('REFRESH_TOKEN');
  const jwks = file === undefined ? undefined : parseJwks(await resolveSecret(`file:${file}`, sources), file);
  const client: ProfileClient = {
    kind: jwks !== undefined ? 'private_key_jwt' : secret === undefined ? 'public' : 'secret',
    launch: jwks === undefined ? 'standalone' : 'backend',
    clientId,
    scopes: (given('SCOPE') ?? '').split(' ').filter((scope) => scope !== ''),
    ...(secret === undefined ? {} : { secret }),
    ...(jwks === undefined ? {} : { jwks }),
    ...(refreshToken === undefined ? {} : { refreshToken }),
  };
  return { fhirUrl: url, clients: { client }, users: {}, patients: [] };
}

function checkUrl(url: string): void {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const credentials = parsed !== undefined && `${parsed.username}${parsed.password}` !== '';
  const base = parsed !== undefined && /^https?:$/.test(parsed.protocol) && !/[?#]/.test(url);
  if (base && !credentials) return;
  // What stands before an @ may be a password.
  throw new SmartfhirError(
    'USAGE',
    `"${url.replace(/\/\/.*@/s, '//…@')}" is not the http(s) URL of a FHIR server`,
    {
      fix: 'give the FHIR base URL, such as https://your.server/fhir',
    },
  );
}

function parseJwks(text: string, where: string): { keys: JWK[] } {
  try {
    const value: unknown = JSON.parse(text);
    const keys = isObject(value) ? value['keys'] : undefined;
    if (Array.isArray(keys) && keys.every(isObject)) return { keys: keys as unknown as JWK[] };
  } catch {
    throw new SmartfhirError('CONFIG_INVALID', `${where} is not JSON`, {
      fix: 'point it at a JSON Web Key Set with the private key',
    });
  }
  throw new SmartfhirError('CONFIG_INVALID', `${where} is no JSON Web Key Set`, {
    fix: 'point it at a JSON Web Key Set with the private key',
  });
}

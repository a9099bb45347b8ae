import { SmartfhirError } from '../core/errors.ts';
import { type ClientRegistration, parseRegistrations } from '../smart/registration.ts';

/** What provisioning tells the gateway. URLs have no trailing slash. */
export interface GatewaySettings {
  /** Origin (and path, if any) under which clients reach the gateway; every URL handed out starts with it. */
  readonly publicUrl: string;
  /** Where exported files are downloaded: the Function app's own host. */
  readonly filesUrl: string;
  /** The FHIR service itself. */
  readonly fhirUrl: string;
  /** `aud` of access tokens: the app id of the FHIR resource app. */
  readonly fhirAudience: string;
  /** What precedes a permission in an Entra scope: `api://{appId}`. */
  readonly scopePrefix: string;
  /** OIDC discovery lies below it. */
  readonly authority: string;
  readonly signInClientId: string;
  readonly signInClientSecret: string;
  /** 32 bytes: seals codes and refresh tokens. */
  readonly sessionKey: Uint8Array;
  readonly tableUrl: string;
  readonly blobUrl: string;
  readonly vaultUrl: string;
  readonly clients: readonly ClientRegistration[];
  /** App role that lets an EHR create launch ids. */
  readonly launchRole: string;
}

const SESSION_KEY_BYTES = 32;

/**
 * The settings in a Function app's environment.
 *
 * @throws SmartfhirError `CONFIG_INVALID` naming every setting that is missing or malformed
 */
export function settingsFromEnvironment(env: Readonly<Record<string, string | undefined>>): GatewaySettings {
  const problems: string[] = [];
  const text = (name: string): string => {
    const value = env[name] ?? '';
    if (value === '') problems.push(`${name} is missing`);
    // The platform leaves the reference in place when it cannot resolve it.
    if (value.startsWith('@Microsoft.KeyVault('))
      problems.push(`${name}: its Key Vault reference is not resolved`);
    return value;
  };
  const url = (name: string): string => {
    const value = text(name);
    if (value !== '' && !URL.canParse(value)) problems.push(`${name} is not a URL`);
    return value.replace(/\/+$/, '');
  };
  const sessionKey = Buffer.from(text('SMARTFHIR_SESSION_KEY'), 'base64url');
  if (sessionKey.byteLength !== SESSION_KEY_BYTES)
    problems.push('SMARTFHIR_SESSION_KEY is not 32 bytes of base64url');
  const settings = {
    publicUrl: url('SMARTFHIR_PUBLIC_URL'),
    filesUrl: url('SMARTFHIR_FILES_URL'),
    fhirUrl: url('SMARTFHIR_FHIR_URL'),
    fhirAudience: text('SMARTFHIR_FHIR_AUDIENCE'),
    scopePrefix: text('SMARTFHIR_SCOPE_PREFIX').replace(/\/+$/, ''),
    authority: url('SMARTFHIR_AUTHORITY'),
    signInClientId: text('SMARTFHIR_SIGN_IN_CLIENT_ID'),
    signInClientSecret: text('SMARTFHIR_SIGN_IN_CLIENT_SECRET'),
    sessionKey: new Uint8Array(sessionKey),
    tableUrl: url('SMARTFHIR_TABLE_URL'),
    blobUrl: url('SMARTFHIR_BLOB_URL'),
    vaultUrl: url('SMARTFHIR_VAULT_URL'),
    launchRole: text('SMARTFHIR_LAUNCH_ROLE'),
  };
  const clients = text('SMARTFHIR_CLIENTS');
  if (problems.length > 0)
    throw new SmartfhirError('CONFIG_INVALID', `gateway settings: ${problems.join('; ')}`);
  return { ...settings, clients: parseRegistrations(clients) };
}

/** `{publicUrl}/fhir`: the FHIR base of clients, and the `aud` of their requests. */
export function fhirBase(settings: GatewaySettings): string {
  return `${settings.publicUrl}/fhir`;
}

/** `{publicUrl}/auth`: below it lie the OAuth endpoints. */
export function authBase(settings: GatewaySettings): string {
  return `${settings.publicUrl}/auth`;
}

import { readFileSync } from 'node:fs';
import type { ClientConfig } from '../../config/config.ts';
import { SmartfhirError } from '../../core/errors.ts';
import { type ClientRegistration, parseRegistrations } from '../../smart/registration.ts';
import { LAUNCH_ROLE } from '../../smart/scope-table.ts';
import { unlessUnregistered } from '../arm-resource.ts';
import type { ResourceKind, StackContext } from '../context.ts';
import { changed, defineResource, type FieldChange, type Outputs } from '../engine/resource.ts';
import { isUnknown } from '../engine/unknown.ts';
import { clientApp, clientKeys, RESOURCE } from '../resource-ids.ts';
import type { Tools } from '../tools.ts';

/** Settings with these beginnings are ours: what is no longer wanted is taken away. */
const OUR_PREFIX = 'SMARTFHIR_';

interface Want {
  readonly siteId: string;
  readonly settings: Readonly<Record<string, string>>;
}

interface Have {
  readonly siteId: string;
  readonly settings: Readonly<Record<string, string>>;
}

/** What the gateway is told. Secrets are Key Vault references, so this holds none. */
export const functionsSettings: ResourceKind = (context) => {
  const keyed = context.config.clients.filter((client) => makesKeys(client));
  return [
    defineResource<Tools, Want, Have>({
      id: RESOURCE.settings,
      type: 'function-settings',
      label: 'settings of the gateway',
      dependsOn: [
        ...[
          RESOURCE.app,
          RESOURCE.apim,
          RESOURCE.fhir,
          RESOURCE.fhirApp,
          RESOURCE.signInApp,
          RESOURCE.storage,
        ],
        ...[RESOURCE.vault, RESOURCE.signInSecret, RESOURCE.sessionKey],
        ...[RESOURCE.appVaultRole, RESOURCE.appBlobRole, RESOURCE.appTableRole],
        ...context.config.clients.map((client) => clientApp(client.name)),
        ...keyed.map((client) => clientKeys(client.name)),
      ],
      containedIn: RESOURCE.app,
      desired: (outputs) => ({
        siteId: outputs.get(RESOURCE.app, 'id'),
        settings: settingsOf(context, outputs),
      }),
      locate: (want) => want.siteId,
      async read({ arm }, want) {
        const settings = (await unlessUnregistered(() => settingsAt(arm, want.siteId))) ?? {};
        const some = Object.keys(settings).some((name) => name.startsWith(OUR_PREFIX));
        return some ? { have: { siteId: want.siteId, settings }, ownership: 'ours' } : undefined;
      },
      diff: settingsDiff,
      async apply({ arm }, want, have) {
        // Where none of ours is there yet, those of others may be: a write replaces them all.
        const there = have?.settings ?? (await settingsAt(arm, want.siteId));
        const foreign = Object.entries(there).filter(([name]) => !name.startsWith(OUR_PREFIX));
        const properties = { ...Object.fromEntries(foreign), ...want.settings };
        await arm.put(`${want.siteId}/config/appsettings`, { properties });
        return { siteId: want.siteId, settings: properties };
      },
      async destroy({ arm }, have) {
        const foreign = Object.entries(have.settings).filter(([name]) => !name.startsWith(OUR_PREFIX));
        await arm.put(`${have.siteId}/config/appsettings`, { properties: Object.fromEntries(foreign) });
      },
      outputs: () => ({}),
    }),
  ];
};

async function settingsAt(arm: Tools['arm'], siteId: string): Promise<Record<string, string>> {
  const { properties } = await arm.action(`${siteId}/config/appsettings`, 'list');
  return (properties ?? {}) as Record<string, string>;
}

function settingsDiff(want: Want, have: Have): readonly FieldChange[] {
  const stale = Object.keys(have.settings).filter(
    (name) => name.startsWith(OUR_PREFIX) && !(name in want.settings),
  );
  return [
    ...Object.entries(want.settings).flatMap(([name, value]) => changed(name, have.settings[name], value)),
    ...stale.map((name): FieldChange => ({ field: name, from: have.settings[name] ?? null, to: null })),
  ];
}

function settingsOf(context: StackContext, outputs: Outputs): Record<string, string> {
  const { account, publicOrigin } = context;
  const bare = (url: string): string => url.replace(/\/+$/, '');
  return {
    AzureWebJobsStorage__accountName: outputs.get(RESOURCE.storage, 'name'),
    AzureWebJobsStorage__credential: 'managedidentity',
    SMARTFHIR_PUBLIC_URL: outputs.get(RESOURCE.apim, 'gatewayUrl'),
    SMARTFHIR_FILES_URL: `${knownOrigin(publicOrigin, outputs.get(RESOURCE.app, 'host'))}/api/files`,
    SMARTFHIR_FHIR_URL: outputs.get(RESOURCE.fhir, 'url'),
    SMARTFHIR_FHIR_AUDIENCE: outputs.get(RESOURCE.fhirApp, 'appId'),
    SMARTFHIR_SCOPE_PREFIX: outputs.get(RESOURCE.fhirApp, 'scopePrefix'),
    SMARTFHIR_AUTHORITY: `${account.authority}/v2.0`,
    SMARTFHIR_SIGN_IN_CLIENT_ID: outputs.get(RESOURCE.signInApp, 'appId'),
    SMARTFHIR_SIGN_IN_CLIENT_SECRET: vaultReference(outputs.get(RESOURCE.signInSecret, 'url')),
    SMARTFHIR_SESSION_KEY: vaultReference(outputs.get(RESOURCE.sessionKey, 'url')),
    // The host looks at Key Vault again when settings are written: so a new secret counts at once.
    SMARTFHIR_SECRET_VERSIONS: [RESOURCE.signInSecret, RESOURCE.sessionKey]
      .map((id) => outputs.get(id, 'version'))
      .join(' '),
    SMARTFHIR_TABLE_URL: bare(outputs.get(RESOURCE.storage, 'tableUrl')),
    SMARTFHIR_BLOB_URL: bare(outputs.get(RESOURCE.storage, 'blobUrl')),
    SMARTFHIR_VAULT_URL: bare(outputs.get(RESOURCE.vault, 'url')),
    SMARTFHIR_CLIENTS: JSON.stringify(context.config.clients.map((client) => registration(client, outputs))),
    SMARTFHIR_LAUNCH_ROLE: LAUNCH_ROLE,
  };
}

/** A host that only apply will know keeps its mark. */
function knownOrigin(publicOrigin: (host: string) => string, host: string): string {
  return isUnknown(host) ? host : publicOrigin(host);
}

function vaultReference(secretUrl: string): string {
  return `@Microsoft.KeyVault(SecretUri=${secretUrl})`;
}

function makesKeys(client: ClientConfig): boolean {
  return client.auth === 'private_key_jwt' && client.jwks === undefined;
}

function registration(
  client: ClientConfig,
  outputs: Outputs,
): Omit<ClientRegistration, 'jwks'> & { jwks?: unknown } {
  const { name, auth, launch, redirectUris, launchUris, origins, scopes, permissions } = client;
  return {
    name,
    clientId: outputs.get(clientApp(name), 'appId'),
    ...{ auth, launch, redirectUris, launchUris, origins, scopes, permissions },
    ...keysOf(client, outputs),
  };
}

function keysOf(client: ClientConfig, outputs: Outputs): { jwks?: unknown; jwksUrl?: string } {
  if (client.jwks?.startsWith('http') === true) return { jwksUrl: client.jwks };
  if (client.jwks !== undefined) return { jwks: publicJwksFile(client) };
  if (!makesKeys(client)) return {};
  const text = outputs.get(clientKeys(client.name), 'publicJwks');
  return { jwks: text.startsWith('{') ? (JSON.parse(text) as unknown) : text };
}

/** The JWKS in a file that the configuration names; a private key there is refused. */
function publicJwksFile(client: ClientConfig): unknown {
  const path = (client.jwks ?? '').replace(/^file:/, '');
  const where = `clients.${client.name}.jwks`;
  let jwks: unknown;
  try {
    jwks = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new SmartfhirError('CONFIG_INVALID', `${where}: ${path} cannot be read as JSON`, { cause: error });
  }
  const keys = (jwks as { keys?: unknown }).keys;
  if (
    !Array.isArray(keys) ||
    keys.some((key) => typeof key === 'object' && key !== null && ('d' in key || 'k' in key))
  ) {
    throw new SmartfhirError('CONFIG_INVALID', `${where}: ${path} must be a JWKS of public keys only`);
  }
  const probe = { name: client.name, clientId: 'x', auth: client.auth, launch: client.launch };
  const lists = { redirectUris: [], launchUris: [], origins: [], scopes: [], permissions: [] };
  parseRegistrations(JSON.stringify([{ ...probe, ...lists, jwks }]));
  return jwks;
}

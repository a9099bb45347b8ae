import { appRoles, delegatedScopes, type ScopeEntry } from '../../smart/scope-table.ts';
import type { ResourceKind, StackContext } from '../context.ts';
import { changed, defineResource } from '../engine/resource.ts';
import {
  type AppContent,
  appDiff,
  appOutputs,
  deleteApp,
  type EntraApp,
  ensureApp,
  readApp,
} from '../entra-app.ts';
import { RESOURCE } from '../resource-ids.ts';
import type { Tools } from '../tools.ts';

const EXTENSION_NAME = 'fhirUser';
/** The Azure CLI's own app: a person who deploys loads data with a token it got. */
const AZURE_CLI_APP_ID = '04b07795-8ddb-461a-bbee-02f9e1bf7b46';
const LOADER_SCOPE: ScopeEntry = {
  smart: 'user_impersonation',
  entra: 'user_impersonation',
  description: 'Load data as the signed-in administrator',
};
/** Graph's limit for consent display names. */
const DISPLAY_LIMIT = 100;

interface FhirApp extends EntraApp {
  readonly hasExtension: boolean;
}

/**
 * The app that stands for the FHIR service: scopes and roles from the one table, v2 tokens (audience = app id), mapped
 * claims allowed, and the directory extension that holds a user's `fhirUser`.
 */
export const entraFhirApp: ResourceKind = (context) => {
  const { config } = context;
  const label = `${config.name} ${config.env} FHIR`;
  return [
    defineResource<Tools, AppContent, FhirApp>({
      id: RESOURCE.fhirApp,
      type: 'app-registration',
      label: `app-registration ${label}`,
      dependsOn: [],
      desired: () => content(context, label),
      locate: () => RESOURCE.fhirApp,
      async read(tools) {
        const found = await readApp(tools, RESOURCE.fhirApp);
        return (
          found && { ...found, have: { ...found.have, hasExtension: await hasExtension(tools, found.have) } }
        );
      },
      diff: (want, have) => [
        ...appDiff({ ...want, identifierUris: [identifierUri(have)] }, have),
        ...(have.hasExtension ? [] : changed('extensionProperties', null, EXTENSION_NAME)),
      ],
      async apply(tools, want, have) {
        if (have !== undefined) await disableDropped(tools, want, have);
        const made = await ensureApp(tools, RESOURCE.fhirApp, want, have);
        if (have === undefined || !sameUris(have)) {
          await tools.graph.patch(`/applications/${made.id}`, { identifierUris: [identifierUri(made)] });
        }
        if (have?.hasExtension !== true) await ensureExtension(tools, made);
        return { ...made, hasExtension: true };
      },
      destroy: (tools, have) => deleteApp(tools, have),
      outputs: (have) => ({
        ...appOutputs(have),
        scopePrefix: identifierUri(have),
        extension: extensionName(have),
      }),
    }),
  ];
};

function content({ account, config, owner }: StackContext, displayName: string): AppContent {
  const loads = config.data.seed !== 'none' && account.deployer.principalType === 'User';
  const scopes = loads ? [...delegatedScopes(), LOADER_SCOPE] : delegatedScopes();
  const preAuthorized = {
    appId: AZURE_CLI_APP_ID,
    delegatedPermissionIds: [owner.guid('scope', LOADER_SCOPE.entra)],
  };
  return {
    displayName,
    api: {
      requestedAccessTokenVersion: 2,
      acceptMappedClaims: true,
      preAuthorizedApplications: loads ? [preAuthorized] : [],
      oauth2PermissionScopes: scopes.map((scope) => ({
        id: owner.guid('scope', scope.entra),
        value: scope.entra,
        type: 'User',
        isEnabled: true,
        ...consentTexts(scope),
      })),
    },
    appRoles: appRoles().map((role) => ({
      id: owner.guid('role', role.entra),
      value: role.entra,
      displayName: role.description.slice(0, DISPLAY_LIMIT),
      description: role.description,
      allowedMemberTypes: ['Application'],
      isEnabled: true,
    })),
  };
}

function consentTexts({ description }: ScopeEntry) {
  const short = description.slice(0, DISPLAY_LIMIT);
  return {
    adminConsentDisplayName: short,
    adminConsentDescription: description,
    userConsentDisplayName: short,
    userConsentDescription: description,
  };
}

function identifierUri(app: Pick<EntraApp, 'appId'>): string {
  return `api://${app.appId}`;
}

function sameUris(have: EntraApp): boolean {
  const uris = have.application['identifierUris'];
  return Array.isArray(uris) && uris.length === 1 && uris[0] === identifierUri(have);
}

function extensionName(app: Pick<EntraApp, 'appId'>): string {
  return `extension_${app.appId.replaceAll('-', '')}_${EXTENSION_NAME}`;
}

async function hasExtension({ graph }: Tools, app: EntraApp): Promise<boolean> {
  const found = await graph.list(`/applications/${app.id}/extensionProperties`);
  return found.some((item) => item['name'] === extensionName(app));
}

async function ensureExtension(tools: Tools, app: EntraApp): Promise<void> {
  if (await hasExtension(tools, app)) return;
  await tools.graph.post(`/applications/${app.id}/extensionProperties`, {
    name: EXTENSION_NAME,
    dataType: 'String',
    targetObjects: ['User'],
  });
}

interface Entitlement {
  readonly id: string;
  readonly isEnabled: boolean;
}

/** A scope or role must be disabled before it may be removed or changed. */
async function disableDropped({ graph }: Tools, want: AppContent, have: FhirApp): Promise<void> {
  const haveApi = (have.application['api'] ?? {}) as { oauth2PermissionScopes?: Entitlement[] };
  const wantApi = want['api'] as { oauth2PermissionScopes: Entitlement[] };
  const scopes = haveApi.oauth2PermissionScopes ?? [];
  const roles = (have.application['appRoles'] ?? []) as Entitlement[];
  const keptScopes = disabled(scopes, wantApi.oauth2PermissionScopes);
  const keptRoles = disabled(roles, want['appRoles'] as Entitlement[]);
  if (keptScopes === undefined && keptRoles === undefined) return;
  await graph.patch(`/applications/${have.id}`, {
    ...(keptScopes === undefined ? {} : { api: { oauth2PermissionScopes: keptScopes } }),
    ...(keptRoles === undefined ? {} : { appRoles: keptRoles }),
  });
}

/** The list with everything that will go disabled; undefined when nothing will. */
function disabled(
  have: readonly Entitlement[],
  want: readonly Entitlement[],
): readonly Entitlement[] | undefined {
  const ids = new Set(want.map((item) => item.id));
  if (have.every((item) => ids.has(item.id) || !item.isEnabled)) return undefined;
  return have.map((item) => (ids.has(item.id) ? item : { ...item, isEnabled: false }));
}

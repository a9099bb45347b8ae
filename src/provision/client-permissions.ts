import type { ClientConfig } from '../config/config.ts';
import { SmartfhirError } from '../core/errors.ts';
import { appRoles, delegatedScopes, ENTRA_OWN_SCOPES, toEntra } from '../smart/scope-table.ts';
import type { GRAPH_SCOPE_IDS } from './graph-permissions.ts';

/** What Entra must know a client may have. */
export interface ClientPermissions {
  /** Permissions of the FHIR resource app, as Entra spells them. */
  readonly scopes: readonly string[];
  /** Permissions of Microsoft Graph. */
  readonly graphScopes: readonly (keyof typeof GRAPH_SCOPE_IDS)[];
  /** App roles of the FHIR resource app. */
  readonly roles: readonly string[];
}

/** Does a person sign in to this client? */
export function isInteractive(client: ClientConfig): boolean {
  return client.launch === 'standalone' || client.launch === 'ehr';
}

/**
 * The Entra side of a client's SMART scopes.
 *
 * @throws SmartfhirError `CONFIG_INVALID` for a scope that is not in the table: the FHIR SMART role cannot write, and
 *   granular scopes are those of US Core
 */
export function clientPermissions(client: ClientConfig): ClientPermissions {
  const own = new Set<string>(ENTRA_OWN_SCOPES);
  const delegated = new Set(delegatedScopes().map((entry) => entry.entra));
  const known = new Set(appRoles().map((entry) => entry.entra));
  const scopes: string[] = [];
  const graphScopes: (keyof typeof GRAPH_SCOPE_IDS)[] = [];
  const roles: string[] = client.permissions.filter((permission) => known.has(permission));
  for (const scope of client.scopes) {
    const entra = toEntra(scope);
    if (own.has(scope)) graphScopes.push(scope as keyof typeof GRAPH_SCOPE_IDS);
    else if (delegated.has(entra)) scopes.push(entra);
    else if (known.has(entra)) roles.push(entra);
    else throw unknownScope(client.name, scope);
  }
  return { scopes, graphScopes, roles };
}

function unknownScope(client: string, scope: string): SmartfhirError {
  return new SmartfhirError('CONFIG_INVALID', `clients.${client}: the scope ${scope} cannot be granted`, {
    why: 'it is not in the table of scopes: only reading is possible, and only for US Core types and categories',
    fix: 'use a scope that `scopes_supported` of the gateway lists',
  });
}

import type { Fabric } from '../../fabric.ts';
import type { StoredResource } from '../../resources.ts';
import type { Collection } from '../../store.ts';
import { normalizeLocation } from '../locations.ts';
import { holderOfName } from '../name-availability.ts';
import { ArmError, type ProviderOperation, type ProviderRequest } from '../resource-type.ts';

/** Versions of Microsoft.KeyVault whose bodies are those of the newest. */
export const KEY_VAULT_VERSIONS = ['2026-02-01', '2025-05-01', '2024-11-01', '2023-07-01'];
export const VAULT_NAME = /^[a-z](?!.*--)[a-z0-9-]{1,22}[a-z0-9]$/i;

/** A vault between delete and purge. Times in milliseconds since the epoch. */
export interface DeletedVault {
  readonly vault: StoredResource;
  readonly deletedAt: number;
  readonly purgeAt: number;
}

/** Soft-deleted vaults by name in lower case. */
export function deletedVaults(fabric: Fabric): Collection<DeletedVault> {
  return fabric.store.collection<DeletedVault>('key-vault-deleted');
}

/** Forgets a vault's secrets for good. */
export function purgeVault(fabric: Fabric, name: string): void {
  const key = name.toLowerCase();
  deletedVaults(fabric).delete(key);
  for (const collection of ['key-vault-secrets', 'key-vault-deleted-secrets']) {
    const secrets = fabric.store.collection<unknown>(collection);
    const gone = [...secrets.entries()].map(([id]) => id).filter((id) => id.startsWith(`${key}/`));
    for (const id of gone) secrets.delete(id);
  }
}

export const keyVaultOperations: readonly ProviderOperation[] = [
  {
    method: 'GET',
    path: 'Microsoft.KeyVault/deletedVaults',
    apiVersions: KEY_VAULT_VERSIONS,
    action: 'Microsoft.KeyVault/deletedVaults/read',
    handle: ({ fabric }) => ({ value: alive(fabric).map((item) => document(fabric, item)) }),
  },
  {
    method: 'GET',
    path: 'Microsoft.KeyVault/locations/{location}/deletedVaults/{name}',
    apiVersions: KEY_VAULT_VERSIONS,
    action: 'Microsoft.KeyVault/locations/deletedVaults/read',
    handle: (request) => document(request.fabric, find(request)),
  },
  {
    method: 'POST',
    path: 'Microsoft.KeyVault/locations/{location}/deletedVaults/{name}/purge',
    apiVersions: KEY_VAULT_VERSIONS,
    action: 'Microsoft.KeyVault/locations/deletedVaults/purge/action',
    handle: purge,
  },
  {
    method: 'POST',
    path: 'Microsoft.KeyVault/checkNameAvailability',
    apiVersions: KEY_VAULT_VERSIONS,
    action: 'Microsoft.KeyVault/checkNameAvailability/read',
    handle: checkName,
  },
];

function alive(fabric: Fabric): DeletedVault[] {
  const now = fabric.clock.now();
  const all = deletedVaults(fabric).values();
  for (const item of all) if (item.purgeAt <= now) purgeVault(fabric, item.vault.name);
  return all.filter((item) => item.purgeAt > now);
}

function find({ fabric, params }: ProviderRequest): DeletedVault {
  const name = params['name']?.toLowerCase();
  const location = normalizeLocation(params['location'] ?? '');
  const found = alive(fabric).find(
    ({ vault }) => vault.name.toLowerCase() === name && vault.body['location'] === location,
  );
  if (found !== undefined) return found;
  throw new ArmError(
    404,
    'DeletedVaultNotFound',
    `The vault '${params['name']}' is not found in deleted state.`,
  );
}

/** Purging takes no time worth imitating: 200 at once. */
function purge(request: ProviderRequest): undefined {
  const { vault } = find(request);
  if ((vault.body['properties'] as { enablePurgeProtection?: boolean }).enablePurgeProtection) {
    throw new ArmError(
      403,
      'MethodNotAllowed',
      `Operation "DeletedVaultPurge" is not allowed because purge protection is enabled for the vault '${vault.name}'.`,
    );
  }
  purgeVault(request.fabric, vault.name);
  return undefined;
}

function checkName({ fabric, resources, body }: ProviderRequest): Record<string, unknown> {
  const name = body['name'];
  if (typeof name !== 'string' || body['type'] !== 'Microsoft.KeyVault/vaults') {
    throw new ArmError(400, 'BadRequest', 'The name and the type Microsoft.KeyVault/vaults are required.');
  }
  if (!VAULT_NAME.test(name)) {
    return {
      nameAvailable: false,
      reason: 'AccountNameInvalid',
      message: `The vault name '${name}' is invalid.`,
    };
  }
  const held = holderOfName(resources, 'Microsoft.KeyVault/vaults', name, '');
  const deleted = alive(fabric).some(({ vault }) => vault.name.toLowerCase() === name.toLowerCase());
  if (held === undefined && !deleted) return { nameAvailable: true };
  return { nameAvailable: false, reason: 'AlreadyExists', message: `The name '${name}' is already in use.` };
}

function document(fabric: Fabric, { vault, deletedAt, purgeAt }: DeletedVault): Record<string, unknown> {
  const location = vault.body['location'];
  const properties = vault.body['properties'] as { enablePurgeProtection?: boolean };
  return {
    id: `/subscriptions/${fabric.subscriptionId}/providers/Microsoft.KeyVault/locations/${location}/deletedVaults/${vault.name}`,
    name: vault.name,
    type: 'Microsoft.KeyVault/deletedVaults',
    properties: {
      vaultId: vault.id,
      location,
      deletionDate: new Date(deletedAt).toISOString(),
      scheduledPurgeDate: new Date(purgeAt).toISOString(),
      tags: vault.body['tags'],
      ...(properties.enablePurgeProtection ? { purgeProtectionEnabled: true } : {}),
    },
  };
}

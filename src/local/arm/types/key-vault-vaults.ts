import { DAY } from '../../../core/clock.ts';
import { KEY_VAULT_RBAC_BY_DEFAULT } from '../../beliefs.ts';
import type { Fabric } from '../../fabric.ts';
import schema from '../../schemas/microsoft.keyvault.json' with { type: 'json' };
import { checkBody } from '../body-check.ts';
import { holderOfName } from '../name-availability.ts';
import { ArmError, type ResourceRequest, type ResourceType } from '../resource-type.ts';
import {
  type DeletedVault,
  deletedVaults,
  KEY_VAULT_VERSIONS,
  purgeVault,
  VAULT_NAME,
} from './key-vault-deleted-vaults.ts';

const TYPE = 'Microsoft.KeyVault/vaults';
const RETENTION_DAYS = { least: 7, most: 90 } as const;

interface VaultProperties {
  readonly tenantId?: string;
  readonly sku?: { readonly family: string; readonly name: string };
  readonly accessPolicies?: readonly unknown[];
  readonly enableSoftDelete?: boolean;
  readonly softDeleteRetentionInDays?: number;
  readonly enableRbacAuthorization?: boolean;
  readonly enablePurgeProtection?: boolean;
  readonly createMode?: string;
  readonly [other: string]: unknown;
}

/** Key vaults; deleted ones keep their name and their secrets until they are purged or their time is over. */
export const keyVaultVaults: ResourceType = {
  type: TYPE,
  apiVersions: KEY_VAULT_VERSIONS,
  patch: true,
  systemData: true,
  putStatus: { created: 201, updated: 200 },
  write(request: ResourceRequest) {
    requireName(request);
    const recovered = claimName(request);
    const body = checkBody(schema, TYPE, recovered?.body ?? request.body);
    const { tags } = request.body;
    return {
      location: request.body['location'],
      tags,
      properties: properties(request, (body['properties'] ?? {}) as VaultProperties),
    };
  },
  afterDelete(request: ResourceRequest) {
    if (request.existing === undefined) return;
    const now = request.fabric.clock.now();
    const { properties: stored } = request.existing.body as { properties: VaultProperties };
    const days = stored.softDeleteRetentionInDays ?? RETENTION_DAYS.most;
    deletedVaults(request.fabric).put(request.name.toLowerCase(), {
      vault: request.existing,
      deletedAt: now,
      purgeAt: now + days * DAY,
    });
  },
};

function requireName(request: ResourceRequest): void {
  if (VAULT_NAME.test(request.name)) return;
  throw new ArmError(
    400,
    'VaultNameNotValid',
    `The vault name '${request.name}' is invalid. A vault's name must be between 3-24 alphanumeric characters. The name must begin with a letter, end with a letter or digit, and not contain consecutive hyphens.`,
  );
}

/** A soft-deleted vault of this name must be recovered or purged first. Answers the one to recover. */
function claimName(request: ResourceRequest): DeletedVault['vault'] | undefined {
  if (holderOfName(request.resources, TYPE, request.name, request.id) !== undefined) {
    throw nameTaken(request.name);
  }
  const deleted = findDeleted(request.fabric, request.name);
  const mode = (request.body['properties'] as VaultProperties | undefined)?.createMode;
  if (mode === 'recover' && request.existing === undefined) {
    if (deleted === undefined || deleted.vault.id.toLowerCase() !== request.id.toLowerCase()) {
      throw new ArmError(
        404,
        'DeletedVaultNotFound',
        `There is no deleted vault '${request.name}' to recover here.`,
      );
    }
    deletedVaults(request.fabric).delete(request.name.toLowerCase());
    return deleted.vault;
  }
  if (deleted !== undefined && request.existing === undefined) throw nameTaken(request.name);
  return undefined;
}

function findDeleted(fabric: Fabric, name: string): DeletedVault | undefined {
  const deleted = deletedVaults(fabric).get(name.toLowerCase());
  if (deleted === undefined || deleted.purgeAt > fabric.clock.now()) return deleted;
  purgeVault(fabric, name);
  return undefined;
}

function nameTaken(name: string): ArmError {
  return new ArmError(
    409,
    'VaultAlreadyExists',
    `The vault name '${name}' is already in use. Vault names are globally unique so it is possible that the name is already taken. If you are sure that the vault name was not taken then it is possible that a vault with the same name was recently deleted but not purged after being placed in a recoverable state.`,
  );
}

function properties(request: ResourceRequest, asked: VaultProperties): Record<string, unknown> {
  const before = request.existing?.body['properties'] as VaultProperties | undefined;
  if (asked.tenantId?.toLowerCase() !== request.fabric.tenantId.toLowerCase()) {
    throw new ArmError(
      400,
      'BadRequest',
      `The tenant ID '${asked.tenantId}' of the vault is not this subscription's.`,
    );
  }
  if (asked.sku?.family !== 'A')
    throw new ArmError(400, 'BadRequest', 'The SKU family of a vault must be A.');
  requireRbac(request, asked);
  const days = retention(asked, before);
  if (asked.enableSoftDelete === false) {
    throw new ArmError(
      400,
      'BadRequest',
      'The property "enableSoftDelete" can be set to false only for creating new vault. Soft delete cannot be disabled.',
    );
  }
  if (asked.enablePurgeProtection === false) {
    throw new ArmError(
      400,
      'BadRequest',
      'The property "enablePurgeProtection" cannot be set to false. Enabling the purge protection for a vault is an irreversible action.',
    );
  }
  const { createMode: _, ...kept } = asked;
  return {
    enabledForDeployment: false,
    enabledForDiskEncryption: false,
    enabledForTemplateDeployment: false,
    publicNetworkAccess: 'Enabled',
    ...kept,
    accessPolicies: [],
    enableRbacAuthorization: true,
    enableSoftDelete: true,
    softDeleteRetentionInDays: days,
    ...(asked.enablePurgeProtection || before?.enablePurgeProtection ? { enablePurgeProtection: true } : {}),
    vaultUri: `https://${request.name.toLowerCase()}.vault.azure.net/`,
    provisioningState: 'Succeeded',
  };
}

function requireRbac(request: ResourceRequest, asked: VaultProperties): void {
  const rbac = asked.enableRbacAuthorization ?? KEY_VAULT_RBAC_BY_DEFAULT;
  if (rbac && (asked.accessPolicies?.length ?? 0) === 0) return;
  request.fabric.log({ standIn: 'arm', level: 'warn', text: 'vault access policies are not imitated' });
  throw new ArmError(
    501,
    'NotImplemented',
    'Vault access policies are not imitated: set enableRbacAuthorization to true.',
  );
}

/** The retention can only be chosen when the vault is made. */
function retention(asked: VaultProperties, before: VaultProperties | undefined): number {
  const days = asked.softDeleteRetentionInDays ?? before?.softDeleteRetentionInDays ?? RETENTION_DAYS.most;
  if (days < RETENTION_DAYS.least || days > RETENTION_DAYS.most) {
    throw new ArmError(400, 'BadRequest', 'softDeleteRetentionInDays must lie between 7 and 90.');
  }
  if (before !== undefined && days !== before.softDeleteRetentionInDays) {
    throw new ArmError(
      400,
      'BadRequest',
      'The property "softDeleteRetentionInDays" has been set already and it can\'t be modified.',
    );
  }
  return days;
}

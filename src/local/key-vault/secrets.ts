import { randomUUID } from 'node:crypto';
import { KEY_VAULT_DELETED_NAME_INNER_CODE } from '../beliefs.ts';
import type { Fabric } from '../fabric.ts';
import { bundleOf, deletedOf, itemOf, latest } from './secret-documents.ts';
import { readInput, requireName } from './secret-input.ts';
import type { Secret, SecretStore, SecretVersion } from './secret-store.ts';
import type { Vault } from './vault.ts';
import { secretNotFound, VaultError } from './vault-error.ts';

/** What an operation on a secret works with, after all checks of access. */
export interface SecretCall {
  readonly fabric: Fabric;
  readonly vault: Vault;
  readonly store: SecretStore;
  readonly request: Request;
  readonly name: string;
  readonly version: string;
}

/** PUT: a new version, under the same name. */
export async function setSecret(call: SecretCall): Promise<unknown> {
  requireName(call.name);
  const input = await readInput(call.request, ['value', 'contentType', 'tags', 'attributes']);
  if (input.value === undefined) throw new VaultError(400, 'BadParameter', 'Property value is required.');
  if (call.store.getDeleted(call.name) !== undefined) {
    throw new VaultError(
      409,
      'Conflict',
      `Secret ${call.name} is currently in a deleted but recoverable state, and its name cannot be reused; in this state, the secret can only be recovered or purged.`,
      KEY_VAULT_DELETED_NAME_INNER_CODE,
    );
  }
  const now = Math.floor(call.fabric.clock.now() / 1000);
  const { value, contentType, tags, attributes } = input;
  const version: SecretVersion = {
    version: randomUUID().replaceAll('-', ''),
    value,
    ...(contentType === undefined ? {} : { contentType }),
    ...(tags === undefined ? {} : { tags }),
    attributes: { enabled: true, ...attributes },
    created: now,
    updated: now,
  };
  const before = call.store.get(call.name);
  const secret: Secret = {
    name: before?.name ?? call.name,
    versions: [...(before?.versions ?? []), version],
  };
  call.store.put(secret);
  return bundleOf(call.vault, secret, version);
}

/** GET of one version, or of the newest when none is named. */
export function getSecret(call: SecretCall): unknown {
  const secret = existing(call);
  const version = call.version === '' ? latest(secret) : versionOf(call, secret);
  if (!version.attributes.enabled) {
    throw new VaultError(
      403,
      'Forbidden',
      'Operation get is not allowed on a disabled secret.',
      'SecretDisabled',
    );
  }
  return bundleOf(call.vault, secret, version);
}

/** PATCH changes everything but the value. */
export async function updateSecret(call: SecretCall): Promise<unknown> {
  const secret = existing(call);
  const before = call.version === '' ? latest(secret) : versionOf(call, secret);
  const { contentType, tags, attributes } = await readInput(call.request, [
    'contentType',
    'tags',
    'attributes',
  ]);
  const after: SecretVersion = {
    ...before,
    ...(contentType === undefined ? {} : { contentType }),
    ...(tags === undefined ? {} : { tags }),
    attributes: { ...before.attributes, ...attributes },
    updated: Math.floor(call.fabric.clock.now() / 1000),
  };
  call.store.put({
    ...secret,
    versions: secret.versions.map((item) => (item.version === before.version ? after : item)),
  });
  return itemOf(call.vault, secret, after, true);
}

/** DELETE takes the whole secret, never one version. */
export function deleteSecret(call: SecretCall): unknown {
  const deleted = call.store.delete(existing(call), call.vault.retentionDays);
  return deletedOf(call.vault, deleted, true);
}

export function getDeletedSecret(call: SecretCall): unknown {
  return deletedOf(call.vault, existingDeleted(call), true);
}

export function recoverSecret(call: SecretCall): unknown {
  const deleted = existingDeleted(call);
  call.store.recover(deleted);
  return itemOf(call.vault, deleted, latest(deleted), true);
}

/** Purge, unless the vault protects against it. */
export function purgeSecret(call: SecretCall): undefined {
  const deleted = existingDeleted(call);
  if (call.vault.purgeProtection) {
    throw new VaultError(
      403,
      'Forbidden',
      'Operation "purge" is not allowed because purge protection is enabled for this vault.',
    );
  }
  call.store.purge(deleted);
  return undefined;
}

export function existing(call: SecretCall): Secret {
  const secret = call.store.get(call.name);
  if (secret === undefined) throw secretNotFound(call.name);
  return secret;
}

function existingDeleted(call: SecretCall): NonNullable<ReturnType<SecretStore['getDeleted']>> {
  const deleted = call.store.getDeleted(call.name);
  if (deleted !== undefined) return deleted;
  throw new VaultError(404, 'SecretNotFound', `Deleted Secret not found: ${call.name}`);
}

function versionOf(call: SecretCall, secret: Secret): SecretVersion {
  const found = secret.versions.find((item) => item.version === call.version.toLowerCase());
  if (found === undefined) throw secretNotFound(`${call.name}/${call.version}`);
  return found;
}

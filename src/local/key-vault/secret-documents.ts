import type { DeletedSecret, Secret, SecretVersion } from './secret-store.ts';
import type { Vault } from './vault.ts';

/** The newest version. */
export function latest(secret: Secret): SecretVersion {
  const version = secret.versions.at(-1);
  if (version === undefined) throw new Error(`secret ${secret.name} has no version`);
  return version;
}

/** A version without its value, under the id lists or single answers use. */
export function itemOf(
  vault: Vault,
  secret: Secret,
  version: SecretVersion,
  withVersion: boolean,
): Record<string, unknown> {
  const id = `${vault.origin}/secrets/${secret.name}${withVersion ? `/${version.version}` : ''}`;
  const { attributes, created, updated, tags, contentType } = version;
  return {
    ...(contentType === undefined ? {} : { contentType }),
    id,
    attributes: { ...attributes, created, updated, ...recovery(vault) },
    ...(tags === undefined ? {} : { tags }),
  };
}

/** A version with its value. */
export function bundleOf(vault: Vault, secret: Secret, version: SecretVersion): Record<string, unknown> {
  return { value: version.value, ...itemOf(vault, secret, version, true) };
}

/** A deleted secret: never with its value. */
export function deletedOf(
  vault: Vault,
  secret: DeletedSecret,
  withVersion: boolean,
): Record<string, unknown> {
  return {
    recoveryId: `${vault.origin}/deletedsecrets/${secret.name}`,
    deletedDate: Math.floor(secret.deletedAt / 1000),
    scheduledPurgeDate: Math.floor(secret.purgeAt / 1000),
    ...itemOf(vault, secret, latest(secret), withVersion),
  };
}

function recovery(vault: Vault): { recoveryLevel: string; recoverableDays: number } {
  const customized = vault.retentionDays < 90 ? 'Customized' : '';
  const purgeable = vault.purgeProtection ? '' : '+Purgeable';
  return { recoveryLevel: `${customized}Recoverable${purgeable}`, recoverableDays: vault.retentionDays };
}

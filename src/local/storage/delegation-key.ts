import { createHmac, randomBytes } from 'node:crypto';
import type { Fabric } from '../fabric.ts';
import type { Account } from './account.ts';

/** What a user delegation key stands for; its value can be computed again from this. */
export interface DelegationTerms {
  /** `oid` and `tid` of who asked for the key. */
  readonly objectId: string;
  readonly tenantId: string;
  /** ISO instants in whole seconds. */
  readonly start: string;
  readonly expiry: string;
  readonly service: string;
  readonly version: string;
}

/** The longest a key may live. */
export const LONGEST_DELEGATION_MS = 7 * 24 * 60 * 60 * 1000;

/** The key, base64. It cannot be computed without the account's own secret, which never leaves the cloud. */
export function delegationKeyValue(fabric: Fabric, account: Account, terms: DelegationTerms): string {
  const { objectId, tenantId, start, expiry, service, version } = terms;
  return createHmac('sha256', secretOf(fabric, account))
    .update([objectId, tenantId, start, expiry, service, version].join('\n'))
    .digest('base64');
}

function secretOf(fabric: Fabric, account: Account): Buffer {
  const secrets = fabric.store.collection<string>('storage-delegation-secrets');
  const key = account.id.toLowerCase();
  const known = secrets.get(key);
  if (known !== undefined) return Buffer.from(known, 'base64');
  const made = randomBytes(32);
  secrets.put(key, made.toString('base64'));
  return made;
}

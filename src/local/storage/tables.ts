import { randomUUID } from 'node:crypto';
import type { Fabric } from '../fabric.ts';
import { Resources, type StoredResource } from '../resources.ts';
import type { Account } from './account.ts';
import { dropEntities } from './table-store.ts';

export const TABLE_TYPE = 'Microsoft.Storage/storageAccounts/tableServices/tables';

/** A table, which is the ARM resource of the same name. */
export interface Table {
  readonly id: string;
  readonly name: string;
}

/** 3–63 letters and digits, not beginning with a digit; `tables` is reserved. */
export function isTableName(name: string): boolean {
  return /^[A-Za-z][A-Za-z0-9]{2,62}$/.test(name) && name.toLowerCase() !== 'tables';
}

/** ARM id of a table: what its entities and role assignments hang on. */
export function tableId(account: Account, name: string): string {
  return `${account.id}/tableServices/default/tables/${name}`;
}

export function findTable(fabric: Fabric, account: Account, name: string): Table | undefined {
  return new Resources(fabric.store).get(tableId(account, name));
}

export function listTables(fabric: Fabric, account: Account): Table[] {
  return new Resources(fabric.store)
    .below(account.id)
    .filter(({ type }) => type === TABLE_TYPE)
    .sort((a, b) => (a.name.toLowerCase() < b.name.toLowerCase() ? -1 : 1));
}

export function createTable(fabric: Fabric, account: Account, name: string): Table {
  const now = new Date(fabric.clock.now()).toISOString();
  const stored: StoredResource = {
    id: tableId(account, name),
    name,
    type: TABLE_TYPE,
    etag: `"${randomUUID()}"`,
    body: { properties: { tableName: name } },
    createdAt: now,
    changedAt: now,
  };
  new Resources(fabric.store).put(stored);
  return stored;
}

/** Takes a table away with its entities and the role assignments made on it. */
export function removeTable(fabric: Fabric, table: Table): void {
  const resources = new Resources(fabric.store);
  for (const below of resources.below(table.id)) resources.delete(below.id);
  resources.delete(table.id);
  dropEntities(fabric, table.id);
}

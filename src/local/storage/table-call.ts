import type { Fabric } from '../fabric.ts';
import type { Access } from './access.ts';
import type { Account } from './account.ts';
import { StorageError } from './storage-error.ts';
import { findTable, type Table, tableId } from './tables.ts';

const TABLES = 'Microsoft.Storage/storageAccounts/tableServices/tables';

/** One authenticated call on the table service. */
export interface TableCall {
  readonly fabric: Fabric;
  readonly account: Account;
  readonly access: Access;
  readonly request: Request;
  readonly query: URLSearchParams;
}

/** How much OData metadata an answer carries. */
export type MetadataLevel = 'nometadata' | 'minimalmetadata' | 'fullmetadata';

/** @throws StorageError 415 for formats other than JSON */
export function metadataLevel(call: TableCall): MetadataLevel {
  const asked = (call.query.get('$format') ?? call.request.headers.get('accept') ?? '').toLowerCase();
  const level = /odata=(nometadata|minimalmetadata|fullmetadata)/.exec(asked)?.[1];
  if (level !== undefined) return level as MetadataLevel;
  if (asked === '' || asked.includes('application/json') || asked.includes('*/*')) return 'minimalmetadata';
  throw new StorageError(415, 'MediaTypeNotSupported', 'None of the provided media types are supported');
}

export function json(
  status: number,
  body: unknown,
  level: MetadataLevel,
  headers: Record<string, string> = {},
): Response {
  const type = `application/json;odata=${level};streaming=true;charset=utf-8`;
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': type, dataserviceversion: '3.0;', ...headers },
  });
}

export function requireTableAction(
  call: TableCall,
  action: 'read' | 'write' | 'delete',
  name?: string,
): void {
  const scope = name === undefined ? call.account.id : tableId(call.account, name);
  call.access.require({ actions: [`${TABLES}/${action}`], data: false, scope });
}

/** Work on entities: `write` covers everything but reading and deleting. */
export function requireEntityActions(call: TableCall, table: string, actions: readonly string[]): void {
  const scope = tableId(call.account, table);
  for (const action of actions) {
    const accepted = action === 'add/action' || action === 'update/action' ? [action, 'write'] : [action];
    call.access.require({ actions: accepted.map((item) => `${TABLES}/entities/${item}`), data: true, scope });
  }
}

/** @throws StorageError 404 */
export function requireTable(call: TableCall, name: string): Table {
  const found = findTable(call.fabric, call.account, name);
  if (found === undefined)
    throw new StorageError(404, 'TableNotFound', 'The table specified does not exist.');
  return found;
}

export function invalidInput(message = 'One of the request inputs is not valid.'): StorageError {
  return new StorageError(400, 'InvalidInput', message);
}

/** Does the caller want nothing back? */
export function wantsNoContent(call: TableCall): boolean {
  return call.request.headers.get('prefer')?.toLowerCase() === 'return-no-content';
}

import { matches, parseFilter } from './filter.ts';
import { StorageError } from './storage-error.ts';
import { readJson } from './table-body.ts';
import {
  invalidInput,
  json,
  metadataLevel,
  requireTable,
  requireTableAction,
  type TableCall,
  wantsNoContent,
} from './table-call.ts';
import { pageSize } from './table-queries.ts';
import { createTable, findTable, isTableName, listTables, removeTable, type Table } from './tables.ts';

/** `POST /Tables` */
export async function postTable(call: TableCall): Promise<Response> {
  const { TableName: name } = await readJson(call);
  if (typeof name !== 'string') throw invalidInput();
  requireTableAction(call, 'write', name);
  if (!isTableName(name)) {
    throw new StorageError(
      400,
      'InvalidResourceName',
      'The specified resource name contains invalid characters.',
    );
  }
  if (findTable(call.fabric, call.account, name) !== undefined) {
    throw new StorageError(409, 'TableAlreadyExists', 'The table specified already exists.');
  }
  const table = createTable(call.fabric, call.account, name);
  if (wantsNoContent(call)) {
    return new Response(null, { status: 204, headers: { 'preference-applied': 'return-no-content' } });
  }
  const level = metadataLevel(call);
  const metadata =
    level === 'nometadata' ? {} : { 'odata.metadata': `${call.account.origin}/$metadata#Tables/@Element` };
  return json(201, { ...metadata, TableName: table.name }, level);
}

/** `DELETE /Tables('name')` */
export function deleteTable(call: TableCall, name: string): Response {
  requireTableAction(call, 'delete', name);
  removeTable(call.fabric, requireTable(call, name));
  return new Response(null, { status: 204 });
}

/** `GET /Tables` */
export function queryTables(call: TableCall): Response {
  requireTableAction(call, 'read');
  const level = metadataLevel(call);
  const limit = pageSize(call);
  const from = call.query.get('NextTableName')?.toLowerCase() ?? '';
  const text = call.query.get('$filter');
  const filter = text === null ? undefined : parseFilter(text);
  const found = listTables(call.fabric, call.account)
    .filter(({ name }) => name.toLowerCase() >= from)
    .filter((table) => filter === undefined || matches(filter, asEntity(table)));
  const value = found.slice(0, limit).map(({ name }) => ({ TableName: name }));
  const metadata =
    level === 'nometadata' ? {} : { 'odata.metadata': `${call.account.origin}/$metadata#Tables` };
  const next = found[limit]?.name;
  const headers = next === undefined ? {} : { 'x-ms-continuation-NextTableName': next };
  return json(200, { ...metadata, value }, level, headers);
}

/** A table, so that filters can look at its name. */
function asEntity({ name }: Table): Parameters<typeof matches>[1] {
  const properties = { TableName: { value: name, edm: 'Edm.String' } };
  return { partitionKey: '', rowKey: '', timestamp: '', etag: '', properties };
}

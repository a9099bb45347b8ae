import { notImitated, StorageError } from './storage-error.ts';
import type { TableCall } from './table-call.ts';
import { deleteEntity, insertEntity, writeEntity } from './table-entities.ts';
import { getEntity, queryEntities } from './table-queries.ts';
import { deleteTable, postTable, queryTables } from './table-tables.ts';

const ENTITY = /^([A-Za-z][A-Za-z0-9]{2,62})\(PartitionKey='((?:[^']|'')*)', ?RowKey='((?:[^']|'')*)'\)$/;
const NAMED_TABLE = /^Tables\('([A-Za-z][A-Za-z0-9]{2,62})'\)$/;

/** @throws StorageError 501 for calls this cloud does not know */
export async function routeTable(call: TableCall, path: string): Promise<Response> {
  const method = verbOf(call.request);
  if (call.query.has('comp') || call.query.has('restype') || path === '$batch' || path === '') {
    throw notImitated(`The table call ${method} /${path}`);
  }
  const response = await (tablesRoute(call, method, path) ?? entityRoute(call, method, path));
  if (response === undefined) throw notImitated(`The table call ${method} /${path.replace(/\(.*/s, '(…)')}`);
  return response;
}

function tablesRoute(
  call: TableCall,
  method: string,
  path: string,
): Promise<Response> | Response | undefined {
  if (path === 'Tables' || path === 'Tables()') {
    if (method === 'GET') return queryTables(call);
    if (method === 'POST') return postTable(call);
  }
  const name = NAMED_TABLE.exec(path)?.[1];
  if (name !== undefined && method === 'DELETE') return deleteTable(call, name);
  return undefined;
}

function entityRoute(
  call: TableCall,
  method: string,
  path: string,
): Promise<Response> | Response | undefined {
  const match = ENTITY.exec(path);
  if (match === null) return wholeTableRoute(call, method, path);
  const name = match[1] ?? '';
  const pk = unquote(match[2]);
  const rk = unquote(match[3]);
  if (method === 'GET') return getEntity(call, name, pk, rk);
  if (method === 'PUT') return writeEntity(call, name, pk, rk, 'replace');
  if (method === 'PATCH' || method === 'MERGE') return writeEntity(call, name, pk, rk, 'merge');
  if (method === 'DELETE') return deleteEntity(call, name, pk, rk);
  return undefined;
}

function wholeTableRoute(
  call: TableCall,
  method: string,
  path: string,
): Promise<Response> | Response | undefined {
  const name = /^([A-Za-z][A-Za-z0-9]{2,62})(\(\))?$/.exec(path)?.[1];
  if (name === undefined) {
    throw new StorageError(400, 'InvalidInput', 'One of the request inputs is not valid.');
  }
  if (method === 'GET') return queryEntities(call, name);
  if (method === 'POST') return insertEntity(call, name);
  return undefined;
}

/** POST may carry its real verb in a header. */
function verbOf(request: Request): string {
  const override = request.headers.get('x-http-method')?.toUpperCase();
  return request.method === 'POST' && override === 'MERGE' ? 'MERGE' : request.method;
}

function unquote(text: string | undefined): string {
  return (text ?? '').replaceAll("''", "'");
}

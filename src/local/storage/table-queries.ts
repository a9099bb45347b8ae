import { presentEntity } from './entity-json.ts';
import { matches, parseFilter, partitionOf } from './filter.ts';
import { StorageError } from './storage-error.ts';
import {
  invalidInput,
  json,
  metadataLevel,
  requireEntityActions,
  requireTable,
  type TableCall,
} from './table-call.ts';
import { type Entity, tableStore } from './table-store.ts';

const LARGEST_PAGE = 1000;

/** `GET /{table}()` with `$filter`, `$select`, `$top` and continuation. */
export function queryEntities(call: TableCall, name: string): Response {
  requireEntityActions(call, name, ['read']);
  const table = requireTable(call, name);
  const level = metadataLevel(call);
  const { entities, next } = page(call, table.id);
  const place = { origin: call.account.origin, name: table.name };
  const select = selection(call);
  const value = entities.map((entity) => presentEntity(entity, level, place, select));
  const metadata =
    level === 'nometadata' ? {} : { 'odata.metadata': `${call.account.origin}/$metadata#${table.name}` };
  return json(200, { ...metadata, value }, level, next === undefined ? {} : continuation(next));
}

/** `GET /{table}(PartitionKey='…',RowKey='…')` */
export function getEntity(call: TableCall, name: string, pk: string, rk: string): Response {
  requireEntityActions(call, name, ['read']);
  const table = requireTable(call, name);
  const entity = tableStore(call.fabric).get(table.id, pk, rk);
  if (entity === undefined) throw entityNotFound();
  const level = metadataLevel(call);
  const place = { origin: call.account.origin, name: table.name };
  const metadata =
    level === 'nometadata'
      ? {}
      : { 'odata.metadata': `${call.account.origin}/$metadata#${table.name}/@Element` };
  const body = { ...metadata, ...presentEntity(entity, level, place, selection(call)) };
  return json(200, body, level, { etag: entity.etag });
}

/** `$top`, 1 to 1000. */
export function pageSize(call: TableCall): number {
  const given = call.query.get('$top');
  if (given === null) return LARGEST_PAGE;
  const size = Number(given);
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_PAGE) throw invalidInput();
  return size;
}

export function entityNotFound(): StorageError {
  return new StorageError(404, 'ResourceNotFound', 'The specified resource does not exist.');
}

function page(call: TableCall, tableId: string): { entities: Entity[]; next: Entity | undefined } {
  const limit = pageSize(call);
  const text = call.query.get('$filter');
  const filter = text === null || text.trim() === '' ? undefined : parseFilter(text);
  const from = {
    pk: decodeKey(call.query.get('NextPartitionKey')),
    rk: decodeKey(call.query.get('NextRowKey')),
  };
  const partition = filter && partitionOf(filter);
  const entities: Entity[] = [];
  for (const entity of tableStore(call.fabric).scan(tableId, from, partition)) {
    if (filter !== undefined && !matches(filter, entity)) continue;
    if (entities.length === limit) return { entities, next: entity };
    entities.push(entity);
  }
  return { entities, next: undefined };
}

/** Continuation keys are opaque, and header values hold ASCII only: both are encoded. */
function continuation(next: Entity): Record<string, string> {
  return {
    'x-ms-continuation-NextPartitionKey': encodeKey(next.partitionKey),
    'x-ms-continuation-NextRowKey': encodeKey(next.rowKey),
  };
}

function encodeKey(key: string): string {
  return `1!${Buffer.from(key, 'utf8').toString('base64url')}`;
}

function decodeKey(key: string | null): string {
  if (key === null || key === '') return '';
  if (!key.startsWith('1!')) throw invalidInput();
  return Buffer.from(key.slice(2), 'base64url').toString('utf8');
}

function selection(call: TableCall): string[] | undefined {
  const select = call.query.get('$select');
  if (select === null || select.trim() === '' || select.trim() === '*') return undefined;
  return select.split(',').map((name) => name.trim());
}

import { type EntityInput, parseEntity, presentEntity, requireKey } from './entity-json.ts';
import { StorageError } from './storage-error.ts';
import { readJson } from './table-body.ts';
import {
  json,
  metadataLevel,
  requireEntityActions,
  requireTable,
  type TableCall,
  wantsNoContent,
} from './table-call.ts';
import { entityNotFound } from './table-queries.ts';
import { type Entity, tableStore } from './table-store.ts';

const MOST_PROPERTIES = 252;

/** `POST /{table}` */
export async function insertEntity(call: TableCall, name: string): Promise<Response> {
  requireEntityActions(call, name, ['add/action']);
  const table = requireTable(call, name);
  const input = parseEntity(await readJson(call));
  const { partitionKey, rowKey } = input;
  if (partitionKey === undefined || rowKey === undefined) {
    throw new StorageError(
      400,
      'PropertiesNeedValue',
      'The values are not specified for all properties in the entity.',
    );
  }
  const store = tableStore(call.fabric);
  if (store.get(table.id, partitionKey, rowKey) !== undefined) {
    throw new StorageError(409, 'EntityAlreadyExists', 'The specified entity already exists.');
  }
  const entity = make(call, partitionKey, rowKey, input.properties);
  store.put(table.id, entity);
  if (wantsNoContent(call)) {
    return new Response(null, {
      status: 204,
      headers: { etag: entity.etag, 'preference-applied': 'return-no-content' },
    });
  }
  const level = metadataLevel(call);
  const metadata =
    level === 'nometadata'
      ? {}
      : { 'odata.metadata': `${call.account.origin}/$metadata#${table.name}/@Element` };
  const shown = presentEntity(entity, level, { origin: call.account.origin, name: table.name });
  return json(201, { ...metadata, ...shown }, level, { etag: entity.etag });
}

/** PUT replaces, PATCH and MERGE merge; without If-Match either makes the entity when it is not there. */
export async function writeEntity(
  call: TableCall,
  name: string,
  pk: string,
  rk: string,
  mode: 'replace' | 'merge',
): Promise<Response> {
  const ifMatch = call.request.headers.get('if-match');
  requireEntityActions(call, name, ifMatch === null ? ['add/action', 'update/action'] : ['update/action']);
  const table = requireTable(call, name);
  requireKey(pk);
  requireKey(rk);
  const input = parseEntity(await readJson(call));
  requireSameKeys(input, pk, rk);
  const store = tableStore(call.fabric);
  const before = store.get(table.id, pk, rk);
  if (ifMatch !== null) requireMatch(ifMatch, before);
  const properties = mode === 'merge' ? { ...before?.properties, ...input.properties } : input.properties;
  if (Object.keys(properties).length > MOST_PROPERTIES) {
    throw new StorageError(400, 'TooManyProperties', 'The entity contains more properties than allowed.');
  }
  const entity = make(call, pk, rk, properties);
  store.put(table.id, entity);
  return new Response(null, { status: 204, headers: { etag: entity.etag } });
}

/** `DELETE /{table}(…)`, only with If-Match. */
export function deleteEntity(call: TableCall, name: string, pk: string, rk: string): Response {
  requireEntityActions(call, name, ['delete']);
  const table = requireTable(call, name);
  const ifMatch = call.request.headers.get('if-match');
  if (ifMatch === null) {
    throw new StorageError(
      400,
      'MissingRequiredHeader',
      'An HTTP header that is mandatory for this request is not specified: If-Match.',
    );
  }
  const store = tableStore(call.fabric);
  requireMatch(ifMatch, store.get(table.id, pk, rk));
  store.delete(table.id, pk, rk);
  return new Response(null, { status: 204 });
}

function requireMatch(ifMatch: string, before: Entity | undefined): void {
  if (before === undefined) throw entityNotFound();
  if (ifMatch === '*' || ifMatch === before.etag) return;
  throw new StorageError(
    412,
    'UpdateConditionNotSatisfied',
    'The update condition specified in the request was not satisfied.',
  );
}

/** Keys in a body must not contradict the address. */
function requireSameKeys(input: EntityInput, pk: string, rk: string): void {
  if ((input.partitionKey ?? pk) === pk && (input.rowKey ?? rk) === rk) return;
  throw new StorageError(400, 'KeysMismatch', 'The keys of the entity differ from the keys of the address.');
}

function make(
  call: TableCall,
  partitionKey: string,
  rowKey: string,
  properties: Entity['properties'],
): Entity {
  const timestamp = tableStore(call.fabric).nextTimestamp(call.fabric.clock.now());
  return {
    partitionKey,
    rowKey,
    timestamp,
    etag: `W/"datetime'${encodeURIComponent(timestamp)}'"`,
    properties,
  };
}

import type { Clock } from '../../core/clock.ts';
import { SmartfhirError } from '../../core/errors.ts';
import { type Exchange, exchange } from '../../core/http.ts';
import type { Credential, FetchLike } from '../../core/target.ts';

const STORAGE_SCOPE = 'https://storage.azure.com/.default';
const API_VERSION = '2020-12-06';
const BUDGET_MS = 10_000;

export type EntityValue = string | number | boolean;

/** One row. Values are Edm.String, Edm.Int32 (or Double) and Edm.Boolean: the types JSON needs no annotation for. */
export interface Entity {
  readonly PartitionKey: string;
  readonly RowKey: string;
  readonly [property: string]: EntityValue;
}

export interface StoredEntity {
  readonly entity: Entity;
  readonly etag: string;
}

/** Azure Table storage, as far as the gateway uses it. */
export interface Tables {
  get(table: string, partitionKey: string, rowKey: string): Promise<StoredEntity | undefined>;
  /** False when the row exists already. */
  insert(table: string, entity: Entity): Promise<boolean>;
  /** Writes whatever was there before. */
  upsert(table: string, entity: Entity): Promise<void>;
  /** Only when the row still has this ETag; false when it changed or is gone. */
  replace(table: string, entity: Entity, etag: string): Promise<boolean>;
  /** Only when the row still has this ETag (`*`: any); false when it changed or is gone. */
  remove(table: string, partitionKey: string, rowKey: string, etag: string): Promise<boolean>;
  /** At most `top` rows that match an OData filter; continuation is not followed. */
  query(table: string, filter: string, top: number): Promise<readonly Entity[]>;
}

export interface TablesOptions {
  /** `primaryEndpoints.table` of the account. */
  readonly url: string;
  readonly fetch: FetchLike;
  readonly credential: Credential;
  readonly clock: Clock;
}

/** A client that makes a table when the service says it is not there yet. */
export function createTables(options: TablesOptions): Tables {
  const base = options.url.endsWith('/') ? options.url : `${options.url}/`;
  const send = (method: string, path: string, headers: Record<string, string>, body?: unknown) =>
    sendRequest(options, method, base + path, headers, body);

  async function inTable(table: string, work: () => Promise<Exchange>): Promise<Exchange> {
    const first = await work();
    if (errorCode(first) !== 'TableNotFound') return first;
    const created = await send('POST', 'Tables', {}, { TableName: table });
    if (created.status !== 201 && created.status !== 204 && errorCode(created) !== 'TableAlreadyExists') {
      throw unexpected(created, `creating table ${table}`);
    }
    return work();
  }

  return {
    get: async (table, partitionKey, rowKey) => {
      const answer = await send('GET', key(table, partitionKey, rowKey), {});
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw unexpected(answer, `reading from table ${table}`);
      return { entity: parse(answer) as Entity, etag: answer.headers.get('etag') ?? '*' };
    },
    insert: async (table, entity) => {
      const answer = await inTable(table, () => send('POST', table, { prefer: 'return-no-content' }, entity));
      if (answer.status === 409) return false;
      if (answer.status !== 201 && answer.status !== 204) throw unexpected(answer, `inserting into ${table}`);
      return true;
    },
    upsert: async (table, entity) => {
      const path = key(table, entity.PartitionKey, entity.RowKey);
      const answer = await inTable(table, () => send('PUT', path, {}, entity));
      if (answer.status !== 204) throw unexpected(answer, `writing to ${table}`);
    },
    replace: async (table, entity, etag) => {
      const path = key(table, entity.PartitionKey, entity.RowKey);
      const answer = await send('PUT', path, { 'if-match': etag }, entity);
      if (answer.status === 404 || answer.status === 412) return false;
      if (answer.status !== 204) throw unexpected(answer, `updating ${table}`);
      return true;
    },
    remove: async (table, partitionKey, rowKey, etag) => {
      const answer = await send('DELETE', key(table, partitionKey, rowKey), { 'if-match': etag });
      if (answer.status === 404 || answer.status === 412) return false;
      if (answer.status !== 204) throw unexpected(answer, `deleting from ${table}`);
      return true;
    },
    query: async (table, filter, top) => {
      const answer = await send('GET', `${table}()?$filter=${encodeURIComponent(filter)}&$top=${top}`, {});
      if (answer.status === 404) return [];
      if (answer.status !== 200) throw unexpected(answer, `querying ${table}`);
      return (parse(answer) as { value?: readonly Entity[] }).value ?? [];
    },
  };
}

/** An OData string literal. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}

function key(table: string, partitionKey: string, rowKey: string): string {
  const part = (text: string): string => encodeURIComponent(quoted(text));
  return `${table}(PartitionKey=${part(partitionKey)},RowKey=${part(rowKey)})`;
}

async function sendRequest(
  options: TablesOptions,
  method: string,
  url: string,
  headers: Record<string, string>,
  body: unknown,
): Promise<Exchange> {
  const token = await options.credential.getToken(STORAGE_SCOPE);
  if (token === null) throw new SmartfhirError('AUTH_FAILED', 'no token for Azure Storage');
  const request = new Request(url, {
    method,
    headers: {
      authorization: `Bearer ${token.token}`,
      accept: 'application/json;odata=nometadata',
      dataserviceversion: '3.0;NetFx',
      'x-ms-version': API_VERSION,
      'x-ms-date': new Date(options.clock.now()).toUTCString(),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  return exchange(options.fetch, request, { budgetMs: BUDGET_MS });
}

function errorCode(answer: Exchange): string | undefined {
  if (answer.status < 400) return undefined;
  const header = answer.headers.get('x-ms-error-code');
  if (header !== null) return header;
  try {
    return (JSON.parse(answer.text) as { 'odata.error'?: { code?: string } })['odata.error']?.code;
  } catch {
    return undefined;
  }
}

function parse(answer: Exchange): unknown {
  try {
    return JSON.parse(answer.text);
  } catch (error) {
    throw new SmartfhirError('RESPONSE_INVALID', 'Table storage answered something that is not JSON', {
      cause: error,
    });
  }
}

function unexpected(answer: Exchange, doing: string): SmartfhirError {
  const code = errorCode(answer) ?? 'no error code';
  return new SmartfhirError(
    answer.status === 401 || answer.status === 403 ? 'FORBIDDEN' : 'RESPONSE_INVALID',
    `Table storage answered ${answer.status} (${code}) when ${doing}`,
  );
}

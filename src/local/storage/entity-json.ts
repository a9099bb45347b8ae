import { StorageError } from './storage-error.ts';
import type { MetadataLevel } from './table-call.ts';
import { invalidInput } from './table-call.ts';
import type { Entity, Property } from './table-store.ts';

const LIMITS = {
  entityBytes: 1024 * 1024,
  properties: 252,
  nameLength: 255,
  keyLength: 1024,
  valueBytes: 64 * 1024,
} as const;
const INT32 = { least: -(2 ** 31), most: 2 ** 31 - 1 } as const;
const SYSTEM = new Set(['PartitionKey', 'RowKey', 'Timestamp']);

/** The keys and properties of a body. Keys may be absent when the address has them. */
export interface EntityInput {
  readonly partitionKey: string | undefined;
  readonly rowKey: string | undefined;
  readonly properties: Readonly<Record<string, Property>>;
}

/** @throws StorageError 400 */
export function parseEntity(body: Readonly<Record<string, unknown>>): EntityInput {
  const properties: Record<string, Property> = {};
  for (const [name, value] of Object.entries(body)) {
    if (typeof value === 'object' && value !== null) throw unholdable(name);
    if (name.includes('@odata.') || name.startsWith('odata.') || SYSTEM.has(name)) continue;
    if (value === null) continue;
    requireName(name);
    properties[name] = propertyOf(name, value, body[`${name}@odata.type`]);
  }
  if (Object.keys(properties).length > LIMITS.properties) {
    throw new StorageError(400, 'TooManyProperties', 'The entity contains more properties than allowed.');
  }
  if (Buffer.byteLength(JSON.stringify(body)) > LIMITS.entityBytes) {
    throw new StorageError(400, 'EntityTooLarge', 'The entity is larger than the maximum size permitted.');
  }
  return { partitionKey: keyOf(body, 'PartitionKey'), rowKey: keyOf(body, 'RowKey'), properties };
}

/** Keys: at most 1 KiB, without `/`, `\`, `#`, `?` and control characters. @throws StorageError 400 */
export function requireKey(key: string): void {
  if (Buffer.byteLength(key) > LIMITS.keyLength) {
    throw new StorageError(
      400,
      'KeyValueTooLarge',
      'The key value is larger than the maximum size permitted.',
    );
  }
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what the service refuses
  if (/[/\\#?\u0000-\u001f\u007f-\u009f]/.test(key)) {
    throw new StorageError(400, 'OutOfRangeInput', 'One of the request inputs is out of range.');
  }
}

/** An entity as an answer shows it; `select` limits the properties. */
export function presentEntity(
  entity: Entity,
  level: MetadataLevel,
  table: { readonly origin: string; readonly name: string },
  select?: readonly string[],
): Record<string, unknown> {
  const shown: Record<string, unknown> = {};
  if (level !== 'nometadata') shown['odata.etag'] = entity.etag;
  if (level === 'fullmetadata') {
    const link = `${table.name}(PartitionKey='${quote(entity.partitionKey)}',RowKey='${quote(entity.rowKey)}')`;
    shown['odata.type'] = `account.${table.name}`;
    shown['odata.id'] = `${table.origin}/${link}`;
    shown['odata.editLink'] = link;
  }
  const wanted = (name: string): boolean => select === undefined || select.includes(name);
  if (wanted('PartitionKey')) shown['PartitionKey'] = entity.partitionKey;
  if (wanted('RowKey')) shown['RowKey'] = entity.rowKey;
  if (wanted('Timestamp')) {
    if (level === 'fullmetadata') shown['Timestamp@odata.type'] = 'Edm.DateTime';
    shown['Timestamp'] = entity.timestamp;
  }
  for (const [name, { value, edm }] of Object.entries(entity.properties)) {
    if (!wanted(name)) continue;
    if (level !== 'nometadata' && needsType(value, edm)) shown[`${name}@odata.type`] = edm;
    shown[name] = value;
  }
  for (const name of select ?? []) if (!(name in shown)) shown[name] = null;
  return shown;
}

/** JSON alone tells strings, booleans, 32-bit integers and fractions. */
function needsType(value: Property['value'], edm: string): boolean {
  if (edm === 'Edm.Double') return typeof value === 'string' || Number.isInteger(value);
  return !['Edm.String', 'Edm.Boolean', 'Edm.Int32'].includes(edm);
}

function requireName(name: string): void {
  if (name.length > LIMITS.nameLength) {
    throw new StorageError(
      400,
      'PropertyNameTooLong',
      'The property name exceeds the maximum allowed length.',
    );
  }
  if (!/^[\p{L}_][\p{L}\p{N}\p{M}\p{Pc}]*$/u.test(name)) {
    throw new StorageError(400, 'PropertyNameInvalid', 'The property name is invalid.');
  }
}

function keyOf(body: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const key = body[name];
  if (key === undefined) return undefined;
  if (typeof key !== 'string') throw invalidInput(`The value of ${name} must be a string.`);
  requireKey(key);
  return key;
}

function propertyOf(name: string, value: unknown, stated: unknown): Property {
  if (stated !== undefined && typeof stated !== 'string') throw invalidInput();
  const edm = stated ?? inferred(value);
  if (edm === undefined || typeof value === 'object') throw unholdable(name);
  const plain = value as string | number | boolean;
  if (!fits(edm, plain)) {
    throw invalidInput(
      `An error occurred while processing this request: the value of '${name}' is not ${edm}.`,
    );
  }
  const bytes = typeof plain === 'string' ? plain.length * (edm === 'Edm.Binary' ? 0.75 : 2) : 0;
  if (bytes > LIMITS.valueBytes) {
    throw new StorageError(
      400,
      'PropertyValueTooLarge',
      'The property value exceeds the maximum allowed size (64KB).',
    );
  }
  return { value: edm === 'Edm.Int64' ? String(plain) : plain, edm };
}

function unholdable(name: string): StorageError {
  return invalidInput(`The property '${name}' has a value that tables cannot hold.`);
}

function inferred(value: unknown): string | undefined {
  if (typeof value === 'string') return 'Edm.String';
  if (typeof value === 'boolean') return 'Edm.Boolean';
  if (typeof value !== 'number') return undefined;
  const int32 = Number.isInteger(value) && value >= INT32.least && value <= INT32.most;
  return int32 ? 'Edm.Int32' : 'Edm.Double';
}

function fits(edm: string, value: string | number | boolean): boolean {
  switch (edm) {
    case 'Edm.String':
      return typeof value === 'string';
    case 'Edm.Boolean':
      return typeof value === 'boolean';
    case 'Edm.Int32':
      return Number.isInteger(value) && Number(value) >= INT32.least && Number(value) <= INT32.most;
    case 'Edm.Int64':
      return (
        /^-?\d{1,19}$/.test(String(value)) &&
        BigInt.asIntN(64, BigInt(String(value))) === BigInt(String(value))
      );
    case 'Edm.Double':
      return typeof value === 'number' || value === 'NaN' || value === 'Infinity' || value === '-Infinity';
    case 'Edm.DateTime':
      return (
        typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(value) && !Number.isNaN(Date.parse(value))
      );
    case 'Edm.Guid':
      return typeof value === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(value);
    case 'Edm.Binary':
      return typeof value === 'string' && Buffer.from(value, 'base64').toString('base64') === value;
    default:
      return false;
  }
}

function quote(key: string): string {
  return encodeURIComponent(key.replaceAll("'", "''"));
}

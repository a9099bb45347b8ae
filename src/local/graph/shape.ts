import { badRequest, notImplemented } from './graph-error.ts';

/** Checks a JSON value and returns it with defaults filled in. @throws GraphError 400, 501 */
export type Shape = (value: unknown, at: string) => unknown;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

export function text(limits: { readonly max?: number; readonly min?: number } = {}): Shape {
  return (value, at) => {
    if (typeof value !== 'string') throw invalid(at, 'a string');
    if (value.length > (limits.max ?? 4096)) throw invalid(at, `at most ${limits.max ?? 4096} characters`);
    if (value.length < (limits.min ?? 0)) throw invalid(at, `at least ${limits.min} characters`);
    return value;
  };
}

export const flag: Shape = (value, at) => {
  if (typeof value !== 'boolean') throw invalid(at, 'true or false');
  return value;
};

export const uuid: Shape = (value, at) => {
  if (typeof value !== 'string' || !isUuid(value)) throw invalid(at, 'a GUID');
  return value.toLowerCase();
};

export const instant: Shape = (value, at) => {
  if (typeof value !== 'string' || !/^\d{4}-\d\d-\d\dT/.test(value) || Number.isNaN(Date.parse(value))) {
    throw invalid(at, 'a date and time');
  }
  return new Date(value).toISOString();
};

export function nullable(shape: Shape): Shape {
  return (value, at) => (value === null ? null : shape(value, at));
}

export function oneOf(...values: readonly unknown[]): Shape {
  return (value, at) => {
    if (!values.includes(value)) throw invalid(at, `one of ${values.map(String).join(', ')}`);
    return value;
  };
}

export function list(shape: Shape, max = 10_000): Shape {
  return (value, at) => {
    if (!Array.isArray(value)) throw invalid(at, 'a collection');
    if (value.length > max) throw invalid(at, `at most ${max} items`);
    return value.map((item, index) => shape(item, `${at}[${index}]`));
  };
}

export interface RecordOptions {
  readonly required?: readonly string[];
  readonly defaults?: Readonly<Record<string, unknown>>;
  /** Known to Graph, not to the laptop cloud: refused with 501. */
  readonly notModelled?: readonly string[];
  /** Known, but only the service sets them. */
  readonly readOnly?: readonly string[];
}

/** An object of known properties; anything else is refused. `@odata.` annotations are left out. */
export function record(properties: Readonly<Record<string, Shape>>, options: RecordOptions = {}): Shape {
  return (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw invalid(at, 'an object');
    const result: Record<string, unknown> = { ...options.defaults };
    for (const [name, item] of Object.entries(value)) {
      if (name.startsWith('@odata.')) continue;
      const path = at === '' ? name : `${at}.${name}`;
      if (options.notModelled?.includes(name)) throw notImplemented(`the property '${path}'`);
      if (options.readOnly?.includes(name)) {
        throw badRequest(`Property '${path}' is read-only and cannot be set.`);
      }
      const shape = Object.hasOwn(properties, name) ? properties[name] : undefined;
      if (shape === undefined) throw badRequest(`Invalid property '${path.slice(0, 200)}'.`);
      result[name] = shape(item, path);
    }
    for (const name of options.required ?? []) {
      const given = result[name];
      if (given === undefined || given === null || given === '') {
        throw badRequest(
          `A value is required for property '${at === '' ? name : `${at}.${name}`}' of resource.`,
        );
      }
    }
    return result;
  };
}

function invalid(at: string, wanted: string) {
  return badRequest(`Invalid value specified for property '${at}' of resource: ${wanted} is expected.`);
}

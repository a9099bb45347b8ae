import { badRequest } from './fhir-error.ts';
import { isObject } from './resource.ts';

/**
 * RFC 6902 on a copy of the document.
 *
 * @throws FhirError 400 with the service's wording
 */
export function applyJsonPatch(document: unknown, operations: unknown): unknown {
  if (!Array.isArray(operations) || operations.length === 0)
    throw failed('the patch is not a list of operations');
  let result: unknown = structuredClone(document);
  for (const operation of operations as unknown[]) {
    if (!isObject(operation)) throw failed('an operation is not an object');
    result = applyOne(result, operation);
  }
  return result;
}

function applyOne(document: unknown, operation: Readonly<Record<string, unknown>>): unknown {
  const path = pointer(operation['path']);
  switch (operation['op']) {
    case 'add':
      return add(document, path, required(operation));
    case 'remove':
      return remove(document, path);
    case 'replace':
      get(document, path);
      return path.length === 0 ? required(operation) : set(document, path, required(operation));
    case 'move': {
      const from = pointer(operation['from']);
      if (from.length < path.length && from.every((part, index) => part === path[index])) {
        throw failed('a value cannot be moved into itself');
      }
      const value = get(document, from);
      return add(remove(document, from), path, value);
    }
    case 'copy':
      return add(document, path, structuredClone(get(document, pointer(operation['from']))));
    case 'test':
      if (!same(get(document, path), required(operation)))
        throw failed(`the value at '${String(operation['path'])}' differs`);
      return document;
    default:
      throw failed(`unknown operation '${String(operation['op'])}'`);
  }
}

function required(operation: Readonly<Record<string, unknown>>): unknown {
  if (!('value' in operation)) throw failed('an operation lacks its value');
  return structuredClone(operation['value']);
}

function pointer(value: unknown): string[] {
  if (typeof value !== 'string' || (value !== '' && !value.startsWith('/')))
    throw failed('a path is not a JSON pointer');
  const parts = value
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  if (parts.some((part) => part === '__proto__')) throw failed('a path names no element');
  return parts;
}

function get(document: unknown, path: readonly string[]): unknown {
  let current = document;
  for (const part of path) {
    const next = child(current, part);
    if (next === undefined) throw failed(`nothing is at '/${path.join('/')}'`);
    current = next;
  }
  return current;
}

function child(parent: unknown, part: string): unknown {
  if (Array.isArray(parent))
    return /^(0|[1-9]\d*)$/.test(part) ? (parent as unknown[])[Number(part)] : undefined;
  return isObject(parent) && Object.hasOwn(parent, part) ? parent[part] : undefined;
}

function add(document: unknown, path: readonly string[], value: unknown): unknown {
  const last = path.at(-1);
  if (last === undefined) return value;
  const parent = get(document, path.slice(0, -1));
  if (!Array.isArray(parent)) return set(document, path, value);
  const index = last === '-' ? parent.length : Number(last);
  if (!/^(-|0|[1-9]\d*)$/.test(last) || index > parent.length) throw failed(`no such index '${last}'`);
  parent.splice(index, 0, value);
  return document;
}

function set(document: unknown, path: readonly string[], value: unknown): unknown {
  const last = path.at(-1) ?? '';
  const parent = get(document, path.slice(0, -1));
  if (Array.isArray(parent)) parent[Number(last)] = value;
  else if (isObject(parent)) (parent as Record<string, unknown>)[last] = value;
  else throw failed(`nothing is at '/${path.join('/')}'`);
  return document;
}

function remove(document: unknown, path: readonly string[]): unknown {
  const last = path.at(-1);
  if (last === undefined) throw failed('the whole resource cannot be removed');
  get(document, path);
  const parent = get(document, path.slice(0, -1));
  if (Array.isArray(parent)) parent.splice(Number(last), 1);
  else delete (parent as Record<string, unknown>)[last];
  return document;
}

function same(a: unknown, b: unknown): boolean {
  if (Array.isArray(a) && Array.isArray(b))
    return a.length === b.length && a.every((item, index) => same(item, b[index]));
  if (isObject(a) && isObject(b)) {
    const keys = Object.keys(a);
    return (
      keys.length === Object.keys(b).length &&
      keys.every((key) => Object.hasOwn(b, key) && same(a[key], b[key]))
    );
  }
  return a === b;
}

function failed(reason: string): Error {
  return badRequest(`Error patching resource: '${reason}'`);
}

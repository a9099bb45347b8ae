import { R4_RESOURCE_TYPES } from '../../../standards/generated/resource-types.ts';
import { isId } from '../resource.ts';

/** Where a reference leads: `type` and `id` on this server; elsewhere `type` is empty and `id` the whole URL. */
export interface Reference {
  readonly type: string;
  readonly id: string;
}

const TYPES = new Set(R4_RESOURCE_TYPES);

export function isResourceType(text: string): boolean {
  return TYPES.has(text);
}

/** `Patient/1`, `Patient/1/_history/2` and `{base}/Patient/1` lead to the same place. */
export function splitReference(literal: string, base: string): Reference {
  const relative = literal.startsWith(`${base}/`) ? literal.slice(base.length + 1) : literal;
  const [type = '', id = '', history, version] = relative.split('/');
  const known =
    TYPES.has(type) &&
    isId(id) &&
    (history === undefined || (history === '_history' && version !== undefined));
  return known ? { type, id } : { type: '', id: literal };
}

import { R4_RESOURCE_TYPES } from '../../standards/generated/resource-types.ts';
import { FhirError, insufficientScope } from '../fhir-error.ts';

/** What a FHIR request wants, as far as the gateway lets anyone want it. */
export type Interaction =
  | { readonly kind: 'read'; readonly type: string; readonly id: string; readonly version?: string }
  | { readonly kind: 'history'; readonly type: string; readonly id: string }
  /** `within`: the compartment of a compartment search. */
  | {
      readonly kind: 'search';
      readonly type: string;
      readonly within?: { readonly type: string; readonly id: string };
    }
  | { readonly kind: 'everything'; readonly id: string }
  | { readonly kind: 'export'; readonly level: 'system' | 'patient' | 'group'; readonly group?: string }
  | { readonly kind: 'batch' };

const TYPES: ReadonlySet<string> = new Set(R4_RESOURCE_TYPES);
const COMPARTMENTS: ReadonlySet<string> = new Set([
  'Patient',
  'Encounter',
  'RelatedPerson',
  'Practitioner',
  'Device',
]);
/** `.` and `..` fit FHIR's id, but URL parsers take them for steps of a path. */
const ID = /^(?!\.{1,2}$)[A-Za-z0-9.-]{1,64}$/;

/**
 * Classifies by method and path below the FHIR base. What is not listed here is refused: an operation is only as
 * safe as what it returns, and unknown ones return anything.
 *
 * @throws FhirError
 */
export function classify(method: string, path: string): Interaction {
  const segments = path.split('/').filter((segment) => segment !== '');
  if (method === 'POST') return classifyPost(segments);
  if (method !== 'GET' && method !== 'HEAD') throw readOnly();
  const [first = '', second, third, fourth, ...rest] = segments;
  if (rest.length > 0) throw unknownPath();
  if (segments.length === 0 || first === '_history') {
    throw insufficientScope('searching or listing all types at once is not offered');
  }
  if (first === '$export' && second === undefined) return { kind: 'export', level: 'system' };
  if (first.startsWith('$')) throw refusedOperation();
  requireType(first);
  if (second === undefined) return { kind: 'search', type: first };
  if (second === '_history') throw insufficientScope('the history of a whole type is not offered');
  if (second === '$export' && first === 'Patient' && third === undefined)
    return { kind: 'export', level: 'patient' };
  if (second.startsWith('$')) throw refusedOperation();
  if (second === '_search') throw new FhirError(405, 'not-supported', '_search takes POST');
  return classifyInstance(first, requireId(second), third, fourth);
}

function classifyInstance(
  type: string,
  id: string,
  third: string | undefined,
  fourth: string | undefined,
): Interaction {
  if (third === undefined) return { kind: 'read', type, id };
  if (third === '_history') {
    return fourth === undefined
      ? { kind: 'history', type, id }
      : { kind: 'read', type, id, version: requireId(fourth) };
  }
  if (fourth !== undefined) throw unknownPath();
  if (type === 'Group' && third === '$export') return { kind: 'export', level: 'group', group: id };
  if (type === 'Patient' && third === '$everything') return { kind: 'everything', id };
  if (third.startsWith('$')) throw refusedOperation();
  if (third === '*' || !COMPARTMENTS.has(type)) throw unknownPath();
  requireType(third);
  return { kind: 'search', type: third, within: { type, id } };
}

function classifyPost(segments: readonly string[]): Interaction {
  if (segments.length === 0) return { kind: 'batch' };
  const last = segments.at(-1);
  if (last === '$export') throw new FhirError(405, 'not-supported', 'an export is started with GET');
  if (last === '_search') {
    const [type = '', second, third] = segments;
    if (segments.length === 2) {
      requireType(type);
      return { kind: 'search', type };
    }
    if (segments.length === 4 && COMPARTMENTS.has(type) && third !== undefined) {
      requireType(third);
      return { kind: 'search', type: third, within: { type, id: requireId(second ?? '') } };
    }
    throw insufficientScope('searching all types at once is not offered');
  }
  if (last?.startsWith('$') === true) throw refusedOperation();
  throw readOnly();
}

function requireType(type: string): void {
  if (!TYPES.has(type)) throw new FhirError(404, 'not-found', 'there is no such resource type');
}

function requireId(id: string): string {
  if (!ID.test(id)) throw unknownPath();
  return id;
}

function unknownPath(): FhirError {
  return new FhirError(404, 'not-found', 'there is nothing at this address');
}

function readOnly(): FhirError {
  return insufficientScope('no token of this server allows writing');
}

function refusedOperation(): FhirError {
  return insufficientScope('this operation is not offered to SMART clients');
}

import { badRequest } from '../fhir-error.ts';
import { isResourceType } from '../store/reference.ts';

/** `_include=MedicationRequest:medication:Medication` taken apart. */
export interface Include {
  readonly reverse: boolean;
  readonly iterate: boolean;
  /** The type that holds the reference; `*` for every type. */
  readonly source: string;
  /** The reference parameter; `*` for all. */
  readonly code: string;
  readonly target: string | undefined;
}

/** @throws FhirError 400 */
export function parseInclude(name: string, value: string): Include {
  const reverse = name.startsWith('_revinclude');
  const iterate = name.includes(':');
  if (value === '*') return { reverse, iterate, source: '*', code: '*', target: undefined };
  const [source = '', code, target] = value.split(':');
  if (code === undefined || code === '' || source === '') {
    throw badRequest(`The ${reverse ? '_revinclude' : '_include'} search is missing the type to search.`);
  }
  if (!isResourceType(source)) throw badRequest(`Resource type '${source}' is not supported.`);
  if (target === '') throw badRequest('The target resource type cannot be empty.');
  if (target !== undefined && !isResourceType(target))
    throw badRequest(`Resource type '${target}' is not supported.`);
  return { reverse, iterate, source, code, target };
}

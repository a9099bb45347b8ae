import type { CompiledParameter } from '../../../standards/compiled-parameter.ts';
import { R4_SEARCH_PARAMETERS } from '../../../standards/generated/search-parameters.ts';
import { US_CORE_SEARCH_PARAMETERS } from '../../../standards/generated/us-core-search-parameters.ts';
import { type Path, parsePath } from './path.ts';

export type ParameterType = 'token' | 'reference' | 'string' | 'date' | 'uri' | 'quantity' | 'number';

/** A search parameter of one resource type, ready to read values and to be searched by. */
export interface Parameter {
  readonly code: string;
  readonly type: ParameterType;
  readonly paths: readonly Path[];
  readonly url: string;
  /** Resource types a reference may lead to; empty means any. */
  readonly targets: readonly string[];
  /** Defined by US Core, not by R4: works once its SearchParameter resource is stored. */
  readonly custom: boolean;
}

const R4_URL = 'http://hl7.org/fhir/SearchParameter/';

/** Parameters of every resource type (FHIR R4 section 3.1.1.5), except `_id` and `_lastUpdated`, which are columns. */
const COMMON: readonly Parameter[] = [
  common('_tag', 'token', 'meta.tag:Coding', 'Resource-tag'),
  common('_security', 'token', 'meta.security:Coding', 'Resource-security'),
  common('_profile', 'uri', 'meta.profile:canonical', 'Resource-profile'),
  common('_source', 'uri', 'meta.source:uri', 'Resource-source'),
];

const cache = new Map<string, ReadonlyMap<string, Parameter>>();

/** Parameters of R4 that the service says it does not support: references by canonical URL, and this duration. */
function isUnsupported(parameter: Parameter): boolean {
  if (parameter.url === `${R4_URL}Encounter-length`) return true;
  return parameter.type === 'reference' && parameter.paths.every((path) => path.leaf === 'canonical');
}

/** All parameters of a resource type by code. */
export function parametersOf(type: string): ReadonlyMap<string, Parameter> {
  const known = cache.get(type);
  if (known !== undefined) return known;
  const made = new Map<string, Parameter>();
  for (const parameter of COMMON) made.set(parameter.code, parameter);
  for (const [table, custom] of [
    [R4_SEARCH_PARAMETERS, false],
    [US_CORE_SEARCH_PARAMETERS, true],
  ] as const) {
    for (const [code, row] of Object.entries(table[type] ?? {})) {
      const parameter = compiled(code, row, custom);
      if (!isUnsupported(parameter)) made.set(code, parameter);
    }
  }
  cache.set(type, made);
  return made;
}

function compiled(code: string, row: CompiledParameter, custom: boolean): Parameter {
  const [type, paths, url, targets = []] = row;
  return {
    code,
    type: type as ParameterType,
    paths: paths.map(parsePath),
    url: url.includes('/') ? url : R4_URL + url,
    targets,
    custom,
  };
}

function common(code: string, type: ParameterType, path: string, url: string): Parameter {
  return { code, type, paths: [parsePath(path)], url: R4_URL + url, targets: [], custom: false };
}

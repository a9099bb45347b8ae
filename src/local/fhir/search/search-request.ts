import { badRequest, FhirError, type Issue, searchRefused } from '../fhir-error.ts';
import { information, warning } from '../interaction.ts';
import { isResourceType } from '../store/reference.ts';
import { type ContinuationToken, readContinuation } from './continuation.ts';
import { type Include, parseInclude } from './include-parameter.ts';

export const DEFAULT_COUNT = 10;
export const MAXIMUM_COUNT = 1000;
/** More parameters than this are refused. */
const MOST_PARAMETERS = 100;

/** A search as asked for, result parameters taken apart from criteria. */
export interface SearchRequest {
  readonly criteria: readonly (readonly [name: string, value: string])[];
  /** Types named by `_type` on a system search. */
  readonly types: readonly string[] | undefined;
  readonly count: number;
  readonly total: boolean;
  readonly countOnly: boolean;
  readonly summary: 'true' | 'text' | 'data' | undefined;
  readonly elements: readonly string[];
  readonly sort: { readonly code: string; readonly descending: boolean } | undefined;
  readonly includes: readonly Include[];
  readonly continuation: ContinuationToken | undefined;
  readonly issues: readonly Issue[];
  /** Parameters ignored by lenient handling: they leave the self link; strict handling refuses them. */
  readonly unsupported: readonly (readonly [name: string, value: string])[];
  readonly errors: readonly string[];
}

interface Draft {
  criteria: (readonly [string, string])[];
  types: string[] | undefined;
  count: number;
  total: boolean;
  summary: string | undefined;
  elements: string[];
  sorts: string[];
  includes: Include[];
  continuation: ContinuationToken | undefined;
  issues: Issue[];
  unsupported: (readonly [string, string])[];
}

/** Never searchable on this service: ignored, or refused when handling is strict. */
const UNSUPPORTED = new Set([
  '_text',
  '_content',
  '_query',
  '_filter',
  '_list',
  '_contained',
  '_containedType',
  '_score',
]);

/**
 * @param query parameters in order; identical pairs count once
 * @throws FhirError 400, 403
 */
export function parseSearch(query: readonly (readonly [string, string])[]): SearchRequest {
  if (query.length > MOST_PARAMETERS) {
    throw badRequest(
      'The incoming request has too many parameters. Reduce the number of parameters and resend the request.',
    );
  }
  const draft: Draft = {
    criteria: [],
    types: undefined,
    count: DEFAULT_COUNT,
    total: false,
    summary: undefined,
    elements: [],
    sorts: [],
    includes: [],
    continuation: undefined,
    issues: [],
    unsupported: [],
  };
  const seen = new Set<string>();
  for (const [name, value] of query) {
    const key = JSON.stringify([name, value]);
    if (!seen.has(key)) readParameter(draft, name, value);
    seen.add(key);
  }
  const { summary, sorts } = draft;
  if (draft.elements.length > 0 && summary !== undefined && summary !== 'false') {
    throw badRequest(
      "The '_elements' parameter is supported only when '_summary' is SummaryType.False or '_summary' is not specified at all.",
    );
  }
  const manySorts = sorts.length > 1;
  return {
    ...draft,
    countOnly: summary === 'count',
    summary: summary === 'true' || summary === 'text' || summary === 'data' ? summary : undefined,
    sort: manySorts ? undefined : sortOf(sorts[0]),
    errors: manySorts
      ? ['Multiple sort parameters are currently not supported. Only a single sort parameter is supported.']
      : [],
  };
}

function readParameter(draft: Draft, name: string, value: string): void {
  if (name === '_format' || name === '_pretty') return;
  if (name === '' || (value.trim() === '' && name !== '_type') || UNSUPPORTED.has(name)) {
    draft.unsupported.push([name, value]);
    return;
  }
  switch (name) {
    case 'ct':
      draft.continuation = readContinuation(value);
      return;
    case '_count':
      readCount(draft, value);
      return;
    case '_total':
      draft.total = readTotal(value);
      return;
    case '_summary':
      draft.summary = readSummary(value);
      return;
    case '_elements':
      draft.elements.push(...value.split(',').filter((item) => item !== ''));
      return;
    case '_sort':
      draft.sorts.push(...value.split(',').filter((item) => item !== ''));
      return;
    case '_type':
      readTypes(draft, value);
      return;
    case '_include':
    case '_include:iterate':
    case '_include:recurse':
    case '_revinclude':
    case '_revinclude:iterate':
    case '_revinclude:recurse':
      draft.includes.push(parseInclude(name, value));
      return;
    default:
      draft.criteria.push([name, value]);
  }
}

function readCount(draft: Draft, value: string): void {
  if (!/^\d{1,9}$/.test(value)) throw badRequest(`Invalid value for parameter '_count': '${value}'.`);
  const count = Number(value);
  if (count === 0) draft.summary = 'count';
  else draft.count = Math.min(count, MAXIMUM_COUNT);
  if (count > MAXIMUM_COUNT) {
    draft.issues.push(
      information(
        `The '_count' parameter exceeds limit configured for server. Current limit is ${MAXIMUM_COUNT} while \`_count\` parameter set to ${count}.`,
      ),
    );
  }
}

function readTotal(value: string): boolean {
  const total = value.toLowerCase();
  if (total === 'estimate') {
    throw searchRefused(
      "The '_total' parameter value 'Estimate' is not supported. The supported values are: 'None', 'Accurate'.",
    );
  }
  if (total !== 'none' && total !== 'accurate') {
    throw badRequest(
      `The '_total' parameter value '${value}' is invalid. The supported values are: 'None', 'Accurate'.`,
    );
  }
  return total === 'accurate';
}

function readSummary(value: string): string {
  const allowed = ['true', 'text', 'data', 'count', 'false'];
  const summary = value.toLowerCase();
  if (!allowed.includes(summary)) {
    const list = allowed.map((item) => `'${item}'`).join(', ');
    throw new FhirError(
      400,
      'invalid',
      `The requested "_summary" parameter '${value}' is invalid. Allowed values are '${list}'.`,
    );
  }
  return summary;
}

function readTypes(draft: Draft, value: string): void {
  if (value.trim() === '') throw badRequest(`The '_type' parameter contains unknown resource(s): ${value}`);
  const types = value.split(',').map((item) => item.trim());
  const bad = types.filter((type) => !isResourceType(type));
  if (bad.length > 0) {
    const list = bad.sort().map((type) => `'${type}'`);
    draft.issues.push(
      warning('not-supported', `The '_type' parameter contains unknown resource(s): ${list.join(',')}`),
    );
  }
  draft.types = [...(draft.types ?? []), ...types.filter(isResourceType)];
}

function sortOf(text: string | undefined): SearchRequest['sort'] {
  if (text === undefined) return undefined;
  return text.startsWith('-') ? { code: text.slice(1), descending: true } : { code: text, descending: false };
}

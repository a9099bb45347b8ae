import { randomInt } from 'node:crypto';
import { badRequest, NotImitated } from '../fhir-error.ts';
import { parameterClause, type SearchScope, UnknownParameter } from '../search/parameter-clause.ts';
import { dateRange } from '../store/date-range.ts';
import { isResourceType } from '../store/reference.ts';
import type { ExportFilter, ExportJob, ExportLevel } from './export-job.ts';

const PARAMETERS = new Set(
  '_outputFormat _since _till _type _container _format _typeFilter _isParallel includeAssociatedData _maxCount _anonymizationConfig _anonymizationConfigCollectionReference _anonymizationConfigEtag'.split(
    ' ',
  ),
);
const OUTPUT_FORMATS = new Set(['application/fhir+ndjson', 'application/ndjson', 'ndjson']);
const DEFAULT_PAGE_SIZE = 10_000;

export interface ExportKickOff {
  readonly level: ExportLevel;
  readonly groupId: string | undefined;
  readonly query: readonly (readonly [string, string])[];
  readonly headers: Headers;
  readonly url: string;
  readonly now: number;
  readonly service: string;
  readonly smart: boolean;
}

/**
 * A kick-off request as a job to queue. `types` still has to pass the SMART rules.
 *
 * @throws FhirError 400, and 501 for anonymisation and history
 */
export function exportRequest(kickOff: ExportKickOff, scope: SearchScope): ExportJob {
  checkHeaders(kickOff.headers);
  const value = (name: string): string | undefined => kickOff.query.find(([key]) => key === name)?.[1];
  for (const [name] of kickOff.query) {
    if (!PARAMETERS.has(name)) throw badRequest(`The "${name}" parameter is not supported.`);
  }
  if (value('_typeFilter') !== undefined && value('_type') === undefined) {
    throw badRequest('The _type parameter must be included when using the _typeFilter parameter. ');
  }
  for (const [name, format] of kickOff.query) {
    if (name === '_outputFormat' && !OUTPUT_FORMATS.has(format)) {
      throw badRequest(`The output format '${format}' is not supported.`);
    }
  }
  checkContainer(value('_container'));
  checkUnsupported(value);
  const filters = filtersOf(value('_typeFilter') ?? '');
  checkFilters(scope, filters);
  return {
    id: String(randomInt(10 ** 13, 2 ** 47)),
    service: kickOff.service,
    status: 'queued',
    level: kickOff.level,
    groupId: kickOff.groupId,
    smart: kickOff.smart,
    types: typesOf(value('_type')),
    filters,
    since: instantOf(value('_since'))?.lo,
    till: instantOf(value('_till'))?.hi ?? kickOff.now,
    container: value('_container'),
    pageSize: pageSizeOf(value('_maxCount')),
    request: kickOff.url,
    queuedAt: kickOff.now,
    output: [],
    failure: undefined,
  };
}

function checkHeaders(headers: Headers): void {
  const accept = headers.get('accept');
  if (accept?.toLowerCase() !== 'application/fhir+json') {
    throw badRequest(`Value supplied, ${accept ?? ''},  for the "Accept" header is not supported.`);
  }
  const prefer = headers.get('prefer');
  if (prefer === null) throw badRequest('Missing required header; Prefer');
  let asynchronous = false;
  for (const part of prefer.split(',').map((item) => item.trim())) {
    const [name = '', option, ...more] = part.split('=').map((item) => item.trim());
    const isHandling =
      name.toLowerCase() === 'handling' && /^(strict|lenient)$/i.test(option ?? '') && more.length === 0;
    const isAsync = name.toLowerCase() === 'respond-async' && option === undefined;
    if (!isHandling && !isAsync)
      throw badRequest(`Value supplied, ${part},  for the "Prefer" header is not supported.`);
    asynchronous ||= isAsync;
  }
  if (!asynchronous) throw badRequest('Missing required header value; header=Prefer,value=respond-async.');
}

function checkContainer(container: string | undefined): void {
  if (container === undefined) return;
  if (container.split(/[/\\]/).includes('..')) {
    throw badRequest(`The value '${container}' is not valid. Path traversal characters are not allowed.`);
  }
}

function checkUnsupported(value: (name: string) => string | undefined): void {
  if (value('_anonymizationConfig') !== undefined) {
    if (value('_container') === undefined) throw badRequest("Missing '_container' for anonymized export");
    throw new NotImitated('De-identified export');
  }
  if (
    value('_anonymizationConfigEtag') !== undefined ||
    value('_anonymizationConfigCollectionReference') !== undefined
  ) {
    throw badRequest("Missing '_anonymizationConfig' for anonymized export");
  }
  const data = (value('includeAssociatedData') ?? '').split(',').filter((item) => item !== '');
  const bad = data.filter((item) => item !== '_history' && item !== '_deleted');
  if (bad.length > 0) {
    throw badRequest(
      `The export parameter "includeAssociatedData" contains an invalid value. Supported values are: ${bad.join(',')}. `,
    );
  }
  if (data.length > 0) throw new NotImitated('Export of history and deleted resources');
  const format = value('_format');
  if (format !== undefined) throw badRequest(`The format '${format}' could not be found.`);
}

function typesOf(text: string | undefined): string[] | undefined {
  const types = [
    ...new Set(
      (text ?? '')
        .split(',')
        .map((item) => item.trim())
        .filter((item) => item !== ''),
    ),
  ];
  const bad = types.filter((type) => !isResourceType(type));
  if (bad.length > 0)
    throw badRequest(`The '_type' parameter contains unknown resource(s): ${bad.join(', ')}`);
  return types.length === 0 ? undefined : types;
}

function filtersOf(text: string): ExportFilter[] {
  return text
    .split(',')
    .filter((item) => item !== '')
    .map((item) => {
      const mark = item.indexOf('?');
      const pairs = item
        .slice(mark + 1)
        .split('&')
        .map((pair) => pair.split('='));
      if (mark < 1 || mark === item.length - 1 || pairs.some((pair) => pair.length !== 2)) {
        throw badRequest(`The _typeFilter segment '${item}' could not be parsed.`);
      }
      return {
        type: item.slice(0, mark),
        criteria: pairs.map(([name = '', value = '']) => [name, value] as const),
      };
    });
}

function checkFilters(scope: SearchScope, filters: readonly ExportFilter[]): void {
  const errors: string[] = [];
  for (const { type, criteria } of filters) {
    if (!isResourceType(type)) throw badRequest(`Resource type '${type}' is not supported.`);
    for (const [name, value] of criteria) {
      try {
        parameterClause(scope, type, name, value);
      } catch (error) {
        if (!(error instanceof UnknownParameter)) throw error;
        errors.push(`[type: ${type}, parameter: ${name}]`);
      }
    }
  }
  if (errors.length > 0)
    throw badRequest(`${errors.length} invalid search parameter(s) found:\n${errors.join('\n')}\n`);
}

function instantOf(text: string | undefined): { lo: number; hi: number } | undefined {
  if (text === undefined) return undefined;
  const range = dateRange(text);
  if (range === undefined) throw badRequest(`The date time string '${text}' is not in a correct format.`);
  return range;
}

function pageSizeOf(text: string | undefined): number {
  if (text === undefined) return DEFAULT_PAGE_SIZE;
  if (!/^\d{1,9}$/.test(text)) throw badRequest(`The value '${text}' is not valid for _maxCount.`);
  return Number(text) === 0 ? DEFAULT_PAGE_SIZE : Math.min(Number(text), DEFAULT_PAGE_SIZE);
}

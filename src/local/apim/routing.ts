import { APIM_WILDCARD_NEEDS_SEGMENT } from '../beliefs.ts';
import type { StoredResource } from '../resources.ts';
import { objectAt, textAt } from './resource-fields.ts';
import type { ServiceConfiguration } from './service-configuration.ts';

/** The API that a path belongs to, and the path below it. */
export interface ApiMatch {
  readonly api: StoredResource;
  /** Starts with `/`. */
  readonly rest: string;
}

export interface OperationMatch {
  readonly operation: StoredResource;
  readonly parameters: ReadonlyMap<string, string>;
}

/** The API with the longest path that is a prefix of `path`, segment by segment. */
export function matchApi(configuration: ServiceConfiguration, path: string): ApiMatch | undefined {
  const candidates = configuration
    .children('apis')
    .map((api) => ({ api, prefix: apiPath(api) }))
    .filter(({ prefix }) => prefix === '' || path === prefix || path.startsWith(`${prefix}/`))
    .sort((a, b) => b.prefix.length - a.prefix.length);
  const [best] = candidates;
  return best && { api: best.api, rest: path.slice(best.prefix.length) || '/' };
}

function apiPath(api: StoredResource): string {
  const path = textAt(objectAt(api.body, 'properties'), 'path') ?? '';
  return path === '' ? '' : `/${path.replace(/^\/+|\/+$/g, '')}`;
}

/** The most specific operation for method and path: fixed segments before parameters before a wildcard. */
export function matchOperation(
  configuration: ServiceConfiguration,
  api: StoredResource,
  method: string,
  path: string,
): OperationMatch | undefined {
  const prefix = `${api.id.toLowerCase()}/operations/`;
  const matches = configuration
    .children('apis/operations')
    .filter((item) => item.id.toLowerCase().startsWith(prefix))
    .filter((item) => textAt(objectAt(item.body, 'properties'), 'method')?.toUpperCase() === method)
    .flatMap((operation) => {
      const template = textAt(objectAt(operation.body, 'properties'), 'urlTemplate') ?? '';
      const match = matchTemplate(template, path);
      return match === undefined ? [] : [{ operation, ...match }];
    })
    .sort((a, b) => (a.rank < b.rank ? -1 : a.rank > b.rank ? 1 : 0));
  return matches[0];
}

/** `rank` sorts specific templates first: one letter per segment, `a` fixed, `b` parameter, `c` wildcard. */
function matchTemplate(
  template: string,
  path: string,
): { parameters: ReadonlyMap<string, string>; rank: string } | undefined {
  const wanted = segments(template);
  const given = segments(path);
  const parameters = new Map<string, string>();
  let rank = '';
  for (const [index, segment] of wanted.entries()) {
    if (segment === '*' || segment.startsWith('{*')) {
      if (APIM_WILDCARD_NEEDS_SEGMENT && given.length <= index) return undefined;
      if (segment !== '*') parameters.set(segment.slice(2, -1), decoded(given.slice(index).join('/')));
      return index === wanted.length - 1 ? { parameters, rank: `${rank}c` } : undefined;
    }
    const value = given[index];
    if (value === undefined) return undefined;
    if (segment.startsWith('{')) parameters.set(segment.slice(1, -1), decoded(value));
    else if (segment !== value) return undefined;
    rank += segment.startsWith('{') ? 'b' : 'a';
  }
  return given.length === wanted.length ? { parameters, rank } : undefined;
}

function segments(path: string): string[] {
  const trimmed = path.replace(/^\/+/, '').replace(/\/$/, '');
  return trimmed === '' ? [] : trimmed.split('/');
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

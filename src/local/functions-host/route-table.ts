import type { RegisteredFunction } from './worker-messages.ts';

/** A function and the values its route template took from the path. */
export interface RouteMatch {
  readonly function: RegisteredFunction;
  readonly params: Readonly<Record<string, string>>;
}

export interface RouteTable {
  match(method: string, path: string): RouteMatch | undefined;
}

/** Constraints of ASP.NET Core routing that are understood; a template with another one is refused at start. */
const CONSTRAINTS: Readonly<Record<string, string>> = {
  alpha: '[A-Za-z]+',
  int: '-?\\d+',
  long: '-?\\d+',
  bool: '(?:[Tt]rue|[Ff]alse)',
  guid: '[0-9A-Fa-f]{8}(?:-?[0-9A-Fa-f]{4}){3}-?[0-9A-Fa-f]{12}',
};

const DEFAULT_METHODS = ['get', 'post'];

interface Route {
  readonly function: RegisteredFunction;
  readonly pattern: RegExp;
  readonly names: readonly string[];
  /** Per segment: 0 literal, 1 constrained, 2 free, 3 catch-all; compared as text, smaller first. */
  readonly precedence: string;
}

/**
 * Routes as the Functions host matches them: below the prefix, most specific first, without regard to case.
 *
 * @throws Error for a template that is not understood
 */
export function createRouteTable(functions: readonly RegisteredFunction[], prefix: string): RouteTable {
  const routes = functions
    .map((item) => compile(item, prefix))
    .sort((a, b) => (a.precedence < b.precedence ? -1 : a.precedence > b.precedence ? 1 : 0));
  return {
    match(method, path) {
      for (const route of routes) {
        const methods = route.function.methods.length > 0 ? route.function.methods : DEFAULT_METHODS;
        if (!methods.includes(method.toLowerCase())) continue;
        const found = route.pattern.exec(path);
        if (found !== null) return { function: route.function, params: paramsOf(route.names, found) };
      }
      return undefined;
    },
  };
}

function compile(item: RegisteredFunction, prefix: string): Route {
  const template = [prefix, item.route]
    .map((part) => part.replace(/^\/+|\/+$/g, ''))
    .filter((part) => part !== '');
  const segments = template.join('/').split('/');
  const names: string[] = [];
  let precedence = '';
  let pattern = '^';
  for (const segment of segments) {
    const parameter = /^\{(\*{0,2})([A-Za-z_]\w*)(?::([a-z]+))?(\?)?\}$/.exec(segment);
    if (parameter === null) {
      if (/[{}]/.test(segment))
        throw new Error(`route template "${item.route}": segment "${segment}" is not understood`);
      pattern += `/${segment.replace(/[.*+?^$()|[\]\\]/g, '\\$&')}`;
      precedence += '0';
      continue;
    }
    const [, stars, name = '', constraint, optional] = parameter;
    const value = constraint === undefined ? '[^/]+' : CONSTRAINTS[constraint];
    if (value === undefined)
      throw new Error(`route template "${item.route}": constraint "${constraint}" is not understood`);
    names.push(name);
    if (stars !== '') pattern += '(?:/(.*))?';
    else pattern += optional === '?' ? `(?:/(${value}))?` : `/(${value})`;
    precedence += stars !== '' ? '3' : constraint !== undefined ? '1' : '2';
  }
  return { function: item, pattern: new RegExp(`${pattern}/?$`, 'i'), names, precedence };
}

function paramsOf(names: readonly string[], found: RegExpExecArray): Record<string, string> {
  const pairs = names.flatMap((name, index) => {
    const value = found[index + 1];
    return value === undefined || value === '' ? [] : [[name, decoded(value)] as const];
  });
  return Object.fromEntries(pairs);
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

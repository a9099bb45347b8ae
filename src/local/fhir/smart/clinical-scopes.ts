import { isResourceType } from '../store/reference.ts';
import { smartRefusal } from './smart-refusal.ts';

export type ScopeContext = 'patient' | 'user' | 'system';
export type ScopeAction =
  | 'read'
  | 'readById'
  | 'search'
  | 'export'
  | 'write'
  | 'create'
  | 'update'
  | 'delete';

/** One clinical scope: a type (or all), what may be done, and the search constraints of a granular scope. */
export interface ScopeRestriction {
  readonly context: ScopeContext;
  /** A resource type or `all`. */
  readonly resource: string;
  readonly actions: ReadonlySet<ScopeAction>;
  readonly constraints: readonly (readonly [name: string, value: string])[];
}

const SCOPE =
  /(?:^|\s+)(?<context>patient|user|system)[/$.](?<resource>\*|[a-zA-Z]+)\.(?<access>read|write|\*|all|[cruds]+)(?:\?(?<params>[a-zA-Z0-9_\-:.]+=[^&\s]+(?:&[a-zA-Z0-9_\-:.]+=[^&\s]+)*))?/g;

/** Longer scope strings would let the expression above run long: the service gives up on them as well. */
const LONGEST_SCOPES = 16_384;

const MODIFIERS = new Set(
  'missing exact contains not text in not-in below above type identifier of-type oftype iterate recurse'.split(
    ' ',
  ),
);

const V1: Readonly<Record<string, readonly ScopeAction[]>> = {
  read: ['read', 'export', 'search'],
  write: ['write', 'create', 'update', 'delete'],
  '*': ['read', 'write', 'export', 'search', 'create', 'update', 'delete'],
  all: ['read', 'write', 'export', 'search', 'create', 'update', 'delete'],
};

const V2: Readonly<Record<string, readonly ScopeAction[]>> = {
  c: ['create'],
  r: ['readById'],
  u: ['update'],
  d: ['delete'],
  s: ['search', 'export'],
};

/**
 * The clinical scopes of a token as the service reads them; everything else in the string is ignored.
 *
 * @throws FhirError 400 for tokens the service refuses: half-matched scopes, mixed contexts or versions, unknown types,
 *   constraints that cannot be enforced
 */
export function parseClinicalScopes(claims: string): ScopeRestriction[] {
  if (claims.length > LONGEST_SCOPES) throw invalid(claims.slice(0, 80));
  const text = percentDecoded(claims);
  const matches = [...text.matchAll(SCOPE)];
  for (const match of matches) {
    const next = text.charAt(match.index + match[0].length);
    if (next !== '' && !/\s/.test(next)) throw invalid(text.trim());
  }
  const contexts = new Set(matches.map((match) => match.groups?.['context']?.toLowerCase()));
  if (contexts.size > 1) {
    throw smartRefusal(
      'SMART clinical scopes must use a single context. Patient, user, and system scopes cannot be mixed.',
    );
  }
  const restrictions = matches.map(restrictionOf);
  const versions = new Set(matches.map((match) => (match.groups?.['access'] ?? '').toLowerCase() in V1));
  if (versions.size > 1) {
    throw smartRefusal(
      'Mixed SMART v1 and v2 scopes are not allowed. Please use either SMART v1 or SMART v2 scopes. ',
    );
  }
  return restrictions;
}

function restrictionOf(match: RegExpMatchArray): ScopeRestriction {
  const scope = match[0].trim();
  const { context = '', resource = '', access = '', params } = match.groups ?? {};
  const type = resource === '*' ? 'all' : resource;
  const actions = V1[access.toLowerCase()] ?? v2Actions(access.toLowerCase(), scope);
  if (type !== 'all' && !isResourceType(type)) {
    throw smartRefusal(
      `Invalid SMART on FHIR clinical scope '${scope}'. The resource type '${type}' is not a supported FHIR resource type.`,
    );
  }
  return {
    context: context.toLowerCase() as ScopeContext,
    resource: type,
    actions: new Set(actions),
    constraints: params === undefined ? [] : params.split('&').map((pair) => constraintOf(pair, scope)),
  };
}

function v2Actions(access: string, scope: string): ScopeAction[] {
  if (new Set(access).size !== access.length) throw invalid(scope);
  return [...access].flatMap((letter) => V2[letter] ?? []);
}

function constraintOf(pair: string, scope: string): readonly [string, string] {
  const [name = '', ...rest] = pair.split('=');
  const [bare = '', ...modifiers] = name.split(':');
  if (name.includes('.') || /^_has:/i.test(name)) {
    throw smartRefusal(
      `Chained search parameters are not supported in SMART on FHIR clinical scopes. The scope '${scope}' contains a chained search parameter '${pair}'.`,
    );
  }
  if (modifiers.some((modifier) => MODIFIERS.has(modifier.toLowerCase()))) {
    throw smartRefusal(
      `Search parameter modifiers are not supported in SMART on FHIR clinical scopes. The scope '${scope}' contains an unsupported modifier in parameter '${pair}'.`,
    );
  }
  if (/^_(rev)?include$/i.test(bare)) {
    throw smartRefusal(
      `Result parameters _include and _revinclude are not supported in SMART on FHIR clinical scopes. The scope '${scope}' contains '${pair}'.`,
    );
  }
  if (rest.length !== 1) throw invalid(scope);
  return [name, rest[0] ?? ''];
}

function invalid(scope: string): Error {
  return smartRefusal(
    `Invalid search parameters in SMART on FHIR clinical scope '${scope}'. The search parameter constraints could not be parsed.`,
  );
}

/** Lenient like the service: sequences that are no percent-encoding stay. */
function percentDecoded(text: string): string {
  return text.replace(/(?:%[0-9a-f]{2})+/gi, (run) => {
    try {
      return decodeURIComponent(run);
    } catch {
      return run;
    }
  });
}

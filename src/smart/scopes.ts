import { R4_RESOURCE_TYPES } from '../standards/generated/resource-types.ts';

/** The grammar of SMART App Launch scopes, versions 1 and 2 (SMART 2.2.0 "Scopes and Launch Context"). */

export type ScopeContext = 'patient' | 'user' | 'system';

/** `patient/Observation.rs?category=laboratory` and its kin. */
export interface ResourceScope {
  readonly kind: 'resource';
  /** As it was written. */
  readonly text: string;
  readonly context: ScopeContext;
  /** A resource type or `*`. */
  readonly type: string;
  readonly version: 1 | 2;
  /** A subset of `cruds`, in this order; version 1 words are normalised (`read` = `rs`, `write` = `cud`). */
  readonly letters: string;
  /** Search parameters that a permitted resource must match, all of them; empty when the scope is not granular. */
  readonly constraints: readonly ScopeConstraint[];
}

export interface ScopeConstraint {
  readonly name: string;
  readonly value: string;
}

/** `launch`, `launch/patient`, `launch/encounter`, `launch/{type}?role=…`. */
export interface LaunchScope {
  readonly kind: 'launch';
  readonly text: string;
  /** What follows `launch/`, lower case; null for `launch` itself. */
  readonly type: string | null;
  readonly role: string | null;
}

export type OidcScopeName = 'openid' | 'fhirUser' | 'profile' | 'offline_access' | 'online_access';

export interface OidcScope {
  readonly kind: 'oidc';
  readonly text: OidcScopeName;
}

/** Absolute URIs and `__` prefixed names: somebody's own, never granted by us. */
export interface ExtensionScope {
  readonly kind: 'extension';
  readonly text: string;
}

export type Scope = ResourceScope | LaunchScope | OidcScope | ExtensionScope;

const TYPES: ReadonlySet<string> = new Set(['*', ...R4_RESOURCE_TYPES]);
const LETTERS = ['c', 'r', 'u', 'd', 's'] as const;
const V1_WORDS: Readonly<Record<string, string>> = { read: 'rs', write: 'cud', '*': 'cruds' };
const V1_READ = 'rs';
const RESOURCE = /^(patient|user|system)\/([A-Z][A-Za-z]*|\*)\.([a-z]+|\*)(?:\?(.*))?$/s;
const PERMISSION = /^c?r?u?d?s?$/;
/** Plain search parameter names: modifiers (`:`), chains (`.`) and result parameters are not for scopes. */
const PARAMETER = /^(?:_(?:id|lastUpdated|tag|profile|security|source)|[a-z][A-Za-z0-9-]*)$/;
/** RFC 6749 section 3.3: the characters of a scope-token. */
const SCOPE_TOKEN = /^[\x21\x23-\x5b\x5d-\x7e]+$/;
const LAUNCH = /^launch(?:\/([a-z]+)(?:\?role=(\S+))?)?$/;
const OIDC: ReadonlySet<string> = new Set([
  'openid',
  'fhirUser',
  'profile',
  'offline_access',
  'online_access',
]);

/** One scope, or undefined when the text is none of the forms SMART defines. Case-sensitive. */
export function parseScope(text: string): Scope | undefined {
  if (!SCOPE_TOKEN.test(text)) return undefined;
  if (OIDC.has(text)) return { kind: 'oidc', text: text as OidcScopeName };
  const launch = LAUNCH.exec(text);
  if (launch !== null) return { kind: 'launch', text, type: launch[1] ?? null, role: launch[2] ?? null };
  if (/^__.+/.test(text) || /^[a-z][a-z0-9+.-]*:\/\/\S+$/i.test(text)) return { kind: 'extension', text };
  return parseResourceScope(text);
}

/** A resource scope, or undefined. The exact words of version 1 are tried before letters. */
export function parseResourceScope(text: string): ResourceScope | undefined {
  const match = SCOPE_TOKEN.test(text) ? RESOURCE.exec(text) : null;
  if (match === null) return undefined;
  const [, context, type = '', permission = '', query] = match;
  if (!TYPES.has(type)) return undefined;
  const v1 = V1_WORDS[permission];
  if (v1 !== undefined) {
    if (query !== undefined) return undefined;
    return {
      kind: 'resource',
      text,
      context: context as ScopeContext,
      type,
      version: 1,
      letters: v1,
      constraints: [],
    };
  }
  if (!PERMISSION.test(permission)) return undefined;
  const constraints = query === undefined ? [] : parseConstraints(query);
  // A constraint narrows one type's search parameters; on every type at once it would mean nothing.
  if (constraints === undefined || (constraints.length > 0 && type === '*')) return undefined;
  return {
    kind: 'resource',
    text,
    context: context as ScopeContext,
    type,
    version: 2,
    letters: permission,
    constraints,
  };
}

function parseConstraints(query: string): readonly ScopeConstraint[] | undefined {
  const constraints: ScopeConstraint[] = [];
  for (const part of query.split('&')) {
    const at = part.indexOf('=');
    const name = part.slice(0, Math.max(at, 0));
    const value = part.slice(at + 1);
    if (at < 1 || value === '' || !PARAMETER.test(name)) return undefined;
    constraints.push({ name, value });
  }
  return constraints;
}

export interface ScopeList {
  readonly scopes: readonly Scope[];
  /** Words that are no SMART scope, as written. */
  readonly unknown: readonly string[];
}

/** A space separated list; repeated scopes count once, order is kept. */
export function parseScopeList(text: string): ScopeList {
  const scopes: Scope[] = [];
  const unknown: string[] = [];
  for (const word of new Set(text.split(' ').filter((part) => part !== ''))) {
    const scope = parseScope(word);
    if (scope === undefined) unknown.push(word);
    else scopes.push(scope);
  }
  return { scopes, unknown };
}

/** The resource scopes among them. */
export function resourceScopes(scopes: readonly Scope[]): readonly ResourceScope[] {
  return scopes.filter((scope) => scope.kind === 'resource');
}

/** Is everything that `inner` permits also permitted by `outer`? */
export function covers(outer: ResourceScope, inner: ResourceScope): boolean {
  return (
    outer.context === inner.context &&
    (outer.type === '*' || outer.type === inner.type) &&
    [...inner.letters].every((letter) => outer.letters.includes(letter)) &&
    outer.constraints.every((constraint) => inner.constraints.some((other) => same(constraint, other)))
  );
}

/**
 * What both permit, spelled in the version of `asked`; undefined when nothing is left. A version 1 word that
 * cannot be kept whole becomes the next narrower word, else letters.
 */
function intersect(asked: ResourceScope, allowed: ResourceScope): ResourceScope | undefined {
  if (covers(allowed, asked)) return asked;
  if (asked.context !== allowed.context) return undefined;
  if (asked.type !== '*' && allowed.type !== '*' && asked.type !== allowed.type) return undefined;
  const letters = LETTERS.filter(
    (letter) => asked.letters.includes(letter) && allowed.letters.includes(letter),
  ).join('');
  if (letters === '') return undefined;
  const type = asked.type === '*' ? allowed.type : asked.type;
  const extra = allowed.constraints.filter((one) => !asked.constraints.some((other) => same(one, other)));
  const constraints = [...asked.constraints, ...extra];
  return parseResourceScope(spell(asked.context, type, asked.version, letters, constraints));
}

function spell(
  context: ScopeContext,
  type: string,
  version: 1 | 2,
  letters: string,
  constraints: readonly ScopeConstraint[],
): string {
  const word = version === 1 && constraints.length === 0 ? v1Word(letters) : undefined;
  const query = constraints.map((constraint) => `${constraint.name}=${constraint.value}`).join('&');
  return `${context}/${type}.${word ?? letters}${query === '' ? '' : `?${query}`}`;
}

function v1Word(letters: string): string | undefined {
  return (
    Object.keys(V1_WORDS).find((word) => V1_WORDS[word] === letters) ??
    (letters.includes(V1_READ) ? 'read' : undefined)
  );
}

function same(a: ScopeConstraint, b: ScopeConstraint): boolean {
  return a.name === b.name && a.value === b.value;
}

/**
 * `asked` narrowed to `allowed`, in the order and spelling of `asked`. Resource scopes are intersected one by one,
 * so that `patient/*.rs` against two registered types becomes those two; all other scopes must be listed literally.
 */
export function narrow(asked: readonly Scope[], allowed: readonly Scope[]): readonly Scope[] {
  const result = new Map<string, Scope>();
  for (const scope of asked) {
    if (scope.kind !== 'resource') {
      if (allowed.some((other) => other.kind === scope.kind && other.text === scope.text))
        result.set(scope.text, scope);
      continue;
    }
    const parts = resourceScopes(allowed).map((other) => intersect(scope, other));
    const kept = parts.filter((part) => part !== undefined);
    const whole = kept.find((part) => part.text === scope.text);
    for (const part of whole === undefined ? kept : [whole]) result.set(part.text, part);
  }
  return [...result.values()];
}

/** The scopes as one space separated string, as token responses carry it. */
export function formatScopes(scopes: readonly Scope[]): string {
  return scopes.map((scope) => scope.text).join(' ');
}

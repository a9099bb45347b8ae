import type { ResourceScope, ScopeConstraint } from './scopes.ts';

/**
 * What granular scopes may constrain: token search parameters whose element is named here. A scope that constrains
 * anything else is not granted, since it could not be enforced on reads.
 */
const TOKEN_PARAMETERS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  CarePlan: { category: 'category', status: 'status' },
  Condition: { category: 'category', code: 'code', 'clinical-status': 'clinicalStatus' },
  DiagnosticReport: { category: 'category', code: 'code', status: 'status' },
  DocumentReference: { category: 'category', type: 'type', status: 'status' },
  Observation: { category: 'category', code: 'code', status: 'status' },
  ServiceRequest: { category: 'category', code: 'code', status: 'status' },
};

export type JsonObject = Readonly<Record<string, unknown>>;

/** Can every constraint of the scope be enforced? True for scopes without constraints. */
export function isEnforceable(scope: ResourceScope): boolean {
  return scope.constraints.every(
    (constraint) => TOKEN_PARAMETERS[scope.type]?.[constraint.name] !== undefined,
  );
}

/** Does the resource match every constraint, as the search parameter would (FHIR R4 search, token)? */
export function matchesConstraints(
  resource: JsonObject,
  type: string,
  constraints: readonly ScopeConstraint[],
): boolean {
  return constraints.every((constraint) => {
    const element = TOKEN_PARAMETERS[type]?.[constraint.name];
    if (element === undefined) return false;
    const tokens = tokensOf(resource[element]);
    return constraint.value.split(',').some((wanted) => tokens.some((token) => matchesToken(token, wanted)));
  });
}

interface Token {
  readonly system: string | undefined;
  readonly code: string | undefined;
}

function tokensOf(value: unknown): readonly Token[] {
  if (Array.isArray(value)) return value.flatMap(tokensOf);
  if (typeof value === 'string') return [{ system: undefined, code: value }];
  if (typeof value !== 'object' || value === null) return [];
  if ('coding' in value) return tokensOf(value.coding);
  const text = (member: string): string | undefined => {
    const found = (value as JsonObject)[member];
    return typeof found === 'string' ? found : undefined;
  };
  return [{ system: text('system'), code: text('code') ?? text('value') }];
}

/** `code`, `system|code`, `|code` (no system) and `system|` (any code of it). */
function matchesToken(token: Token, wanted: string): boolean {
  const bar = wanted.indexOf('|');
  if (bar < 0) return token.code === wanted;
  const system = wanted.slice(0, bar);
  const code = wanted.slice(bar + 1);
  return (token.system ?? '') === system && (code === '' || token.code === code);
}

import { FHIR_READS_APP_ROLES } from '../../beliefs.ts';
import { parseClinicalScopes, type ScopeAction, type ScopeRestriction } from './clinical-scopes.ts';
import { smartRefusal } from './smart-refusal.ts';

/** What a SMART caller's token lets it do. Intersected with the role's data actions and with the compartment. */
export interface SmartAccess {
  readonly restrictions: readonly ScopeRestriction[];
  /** The user whose compartment bounds everything; undefined for `system` scopes. */
  readonly user: { readonly type: 'Patient' | 'Practitioner'; readonly id: string } | undefined;
}

/** Claims whose values, joined, are the scopes. */
const SCOPE_CLAIMS = FHIR_READS_APP_ROLES ? ['scp', 'scope', 'roles'] : ['scp', 'scope'];

/** The claims that matter, read from any issuer's token. */
export type Claims = Readonly<Record<string, unknown>>;

/**
 * @throws FhirError 400 for scopes or a `fhirUser` the service refuses
 */
export function smartAccess(claims: Claims): SmartAccess {
  const raw = claims['raw_scope'];
  const text =
    typeof raw === 'string' && raw !== ''
      ? raw
      : SCOPE_CLAIMS.flatMap((name) => strings(claims[name])).join(' ');
  const restrictions = parseClinicalScopes(text);
  if (restrictions[0]?.context === 'system') return { restrictions, user: undefined };
  return { restrictions, user: fhirUser(claims) };
}

/** Does any scope allow one of the actions on this type? No type (system level) asks for any scope at all. */
export function scopesAllow(
  access: SmartAccess,
  actions: readonly ScopeAction[],
  type: string | undefined,
): boolean {
  return access.restrictions.some(
    (restriction) =>
      (type === undefined ||
        type === '*' ||
        restriction.resource === 'all' ||
        restriction.resource === type) &&
      actions.some((action) => restriction.actions.has(action)),
  );
}

/** Types named by any scope; undefined when one scope names all. Letters do not matter here, as on the service. */
export function scopedTypes(access: SmartAccess): ReadonlySet<string> | undefined {
  const types = new Set(access.restrictions.map((restriction) => restriction.resource));
  return types.has('all') ? undefined : types;
}

function fhirUser(claims: Claims): { type: 'Patient' | 'Practitioner'; id: string } {
  const value = [claims['fhirUser'], claims['extension_fhirUser']].find(
    (item) => typeof item === 'string' && item !== '',
  );
  if (typeof value !== 'string')
    throw smartRefusal('fhirUser claim cannot be null or mising for SMART on FHIR user.');
  const path = pathOf(value);
  if (path === undefined) {
    throw smartRefusal(`fhirUser claim value of ${value} is not valid. fhirUser claim must be a valid URL.`);
  }
  const segments = path.split('/').filter((segment) => segment !== '');
  const id = segments.at(-1);
  const type = segments.at(-2);
  if (id === undefined || type === undefined) {
    throw smartRefusal(
      'The fhirUser claim must be a URI with an ending format of <resourceType>/<resourceId>.',
    );
  }
  if (type !== 'Patient' && type !== 'Practitioner') {
    throw smartRefusal(
      `The given fhirUser claim:${value} is not valid.  It must have a resource type of Patient or Practicioner and a resource id.`,
    );
  }
  return { type, id };
}

function pathOf(value: string): string | undefined {
  try {
    return new URL(value, 'http://fhirBase').pathname;
  } catch {
    return undefined;
  }
}

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

import { R4_COMPOSITE_PARAMETERS } from '../../../standards/generated/composite-parameters.ts';
import { badRequest, NotImitated, searchRefused } from '../fhir-error.ts';
import type { FhirStore } from '../store/fhir-store.ts';
import { type Parameter, parametersOf } from '../store/parameter-table.ts';
import { isResourceType } from '../store/reference.ts';
import { anyOf, type Clause, clause, having, not } from './clause.ts';
import { alternatives, dateCondition, hasComparator, isOrdered, tableOf, valueRows } from './value-clause.ts';

/** A search parameter the service does not know for this type; lenient handling ignores it. */
export class UnknownParameter extends Error {
  override readonly name = 'UnknownParameter';
}

/** SQLite joins at most 500 SELECTs; the real service has a limit of its own. */
const MOST_ALTERNATIVES = 400;

/** References followed by one parameter. What names several types is tried for each: unlimited, the tries would multiply. */
const MOST_LINKS = 5;

export interface SearchScope {
  readonly store: FhirStore;
  readonly now: number;
  /** Which chained types the caller's scopes cover; undefined means any. */
  readonly chainTypes: ReadonlySet<string> | undefined;
}

/**
 * The condition of one query parameter on resources of `type`.
 *
 * @throws UnknownParameter
 * @throws FhirError 400 for malformed values, 403 for searches the service refuses
 */
export function parameterClause(scope: SearchScope, type: string, name: string, value: string): Clause {
  if (name.split(/\.|_has:/).length - 1 > MOST_LINKS) throw badRequest('A search parameter is too complex.');
  if (name.startsWith('_has:')) return reverseChain(scope, type, name, value);
  if (name.includes('.')) return chain(scope, type, name, value);
  const [code = '', modifier = '', ...more] = name.split(':');
  if (more.length > 0) throw badRequest('Only one modifier separator can be specified.');
  if (code === '_id') return idClause(modifier, value);
  if (code === '_type') return columnClause(modifier, code, value, (item) => clause('r.type = ?', item));
  if (code === '_lastUpdated') {
    refuseComparators(alternatives(value));
    return columnClause(modifier, code, value, (item) => dateCondition(item, 'r.upd', 'r.upd', scope.now));
  }
  const parameter = parameterOf(scope.store, type, code);
  const p = scope.store.paramId(type, code);
  if (modifier === 'missing') return missingClause(parameter, p, value);
  const values = alternatives(value);
  if (values.length > MOST_ALTERNATIVES) throw badRequest('A search parameter is too complex.');
  if (isOrdered(parameter)) refuseComparators(values);
  const context = { p, parameter, modifier, base: scope.store.base, now: scope.now };
  const found = having(values.map((item) => valueRows(context, item)));
  return modifier === 'not' ? not(found) : found;
}

/**
 * A parameter that can be searched by here: R4's own always, US Core's once its SearchParameter is stored.
 *
 * @throws UnknownParameter
 * @throws NotImitated for composite parameters
 */
export function parameterOf(store: FhirStore, type: string, code: string): Parameter {
  const parameter = parametersOf(type).get(code);
  if (R4_COMPOSITE_PARAMETERS[type]?.includes(code) === true) {
    throw new NotImitated(`The composite search parameter '${code}'`);
  }
  if (parameter === undefined || (parameter.custom && !isStored(store, parameter)))
    throw new UnknownParameter(code);
  return parameter;
}

function isStored(store: FhirStore, parameter: Parameter): boolean {
  const p = store.paramId('SearchParameter', 'url');
  return store.prepare('SELECT 1 FROM fhir_uri WHERE p = ? AND v = ?').get(p, parameter.url) !== undefined;
}

/** @throws FhirError 403 */
function refuseComparators(values: readonly string[]): void {
  if (values.length > 1 && values.some(hasComparator)) {
    throw searchRefused(
      'Comparator is not supported when multiple values are specified using OR search parameter.',
    );
  }
}

function idClause(modifier: string, value: string): Clause {
  if (modifier !== '')
    throw searchRefused(`Modifier '${modifier}' is not supported for search parameter '_id'.`);
  return clause('r.id IN (SELECT value FROM json_each(?))', JSON.stringify(alternatives(value)));
}

function columnClause(modifier: string, code: string, value: string, one: (item: string) => Clause): Clause {
  if (modifier !== '')
    throw searchRefused(`Modifier '${modifier}' is not supported for search parameter '${code}'.`);
  return anyOf(alternatives(value).map(one));
}

function missingClause(parameter: Parameter, p: number, value: string): Clause {
  if (value !== 'true' && value !== 'false') {
    throw badRequest('Invalid value for :missing modifier. Valid values are: true, false.');
  }
  const exists = `EXISTS (SELECT 1 FROM fhir_${tableOf(parameter)} x WHERE x.k = r.k AND x.p = ?)`;
  return clause(value === 'true' ? `NOT ${exists}` : exists, p);
}

/** `subject:Patient.name=x`: resources whose reference leads to one that matches. */
function chain(scope: SearchScope, type: string, name: string, value: string): Clause {
  const dot = name.indexOf('.');
  const [code = '', only] = name.slice(0, dot).split(':');
  const rest = name.slice(dot + 1);
  const parameter = parameterOf(scope.store, type, code);
  if (parameter.type !== 'reference') {
    throw searchRefused('The chained parameter must be a reference search parameter type.');
  }
  if (only !== undefined && !isResourceType(only))
    throw badRequest(`Resource type '${only}' is not supported.`);
  const targets = only === undefined ? parameter.targets : [only];
  const known = targets.flatMap((target) => {
    try {
      return [[target, parameterClause(scope, target, rest, value)] as const];
    } catch (error) {
      if (error instanceof UnknownParameter) return [];
      throw error;
    }
  });
  if (known.length === 0) throw new UnknownParameter(name);
  if (known.length > 1) {
    const choices = targets.map((target) => `${code}:${target}`).join(', ');
    throw badRequest(
      `The reference search parameter '${code}' refers to multiple possible resource types. Please specify a type in the search expression: ${choices}`,
    );
  }
  const [target, inner] = known[0] ?? ['', clause('0')];
  checkChained(scope, target);
  const matches = `SELECT r.id FROM fhir_res r WHERE r.s = ? AND r.type = ? AND r.deleted = 0 AND ${led(inner)}`;
  const where = clause(
    `p = ? AND rtype = ? AND rid IN (${matches})`,
    scope.store.paramId(type, code),
    target,
    scope.store.service,
    target,
    ...ledParameters(inner),
  );
  return having([{ table: 'ref', where }]);
}

/** `_has:Observation:patient:code=x`: resources that a matching one refers to. */
function reverseChain(scope: SearchScope, type: string, name: string, value: string): Clause {
  const [, source = '', code = '', ...rest] = name.split(':');
  if (!isResourceType(source)) throw badRequest('The reverse chain search is missing the type to search.');
  if (code === '' || rest.length === 0) {
    throw badRequest('The reverse chain search is missing the reference to search.');
  }
  const parameter = parameterOf(scope.store, source, code);
  if (parameter.type !== 'reference') {
    throw searchRefused('The chained parameter must be a reference search parameter type.');
  }
  checkChained(scope, source);
  const inner = parameterClause(scope, source, rest.join(':'), value);
  const matches = `SELECT r.k FROM fhir_res r WHERE r.s = ? AND r.type = ? AND r.deleted = 0 AND ${led(inner)}`;
  return clause(
    `r.id IN (SELECT rid FROM fhir_ref WHERE p = ? AND rtype = ? AND k IN (${matches}))`,
    scope.store.paramId(source, code),
    type,
    scope.store.service,
    source,
    ...ledParameters(inner),
  );
}

function checkChained(scope: SearchScope, type: string): void {
  if (scope.chainTypes === undefined || scope.chainTypes.has(type)) return;
  throw searchRefused(
    'The (rev)chained resource type is not allowed.  Additional clinical scopes must be requested to allow searches using the chained type.',
  );
}

function led(inner: Clause): string {
  return inner.lead?.sql ?? inner.sql;
}

function ledParameters(inner: Clause): Clause['parameters'] {
  return inner.lead?.parameters ?? inner.parameters;
}

import { PATIENT_COMPARTMENT } from '../../standards/generated/patient-compartment.ts';
import { requireAccess, searchScope, visibleResource } from './access.ts';
import { badRequest } from './fhir-error.ts';
import type { Interaction, Reply } from './interaction.ts';
import { pageLinks } from './page-link.ts';
import { instant, type Resource } from './resource.ts';
import { allOf, allOfLed, type Clause, clause, unionOf } from './search/clause.ts';
import { readContinuation, writeContinuation } from './search/continuation.ts';
import { foundRow, storedTypes } from './search/includes.ts';
import { parameterClause } from './search/parameter-clause.ts';
import { DEFAULT_COUNT, MAXIMUM_COUNT } from './search/search-request.ts';
import { compartmentClause, visibleClause } from './smart/visibility.ts';
import { dateRange } from './store/date-range.ts';
import { splitReference } from './store/reference.ts';
import { refuseDeleted } from './stored-reply.ts';

/** By which date `start` and `end` judge a type; the others come whatever their date. */
const CLINICAL_DATES: Readonly<Record<string, string>> = {
  AllergyIntolerance: 'date',
  CarePlan: 'date',
  ClinicalImpression: 'date',
  Composition: 'date',
  Condition: 'onset-date',
  DiagnosticReport: 'date',
  DocumentReference: 'date',
  Encounter: 'date',
  Immunization: 'date',
  MedicationRequest: 'authoredon',
  Observation: 'date',
  Procedure: 'date',
  ServiceRequest: 'authored',
};

/** `GET {base}/Patient/{id}/$everything`: the patient, who cares for them, and the patient compartment. */
export function everything(interaction: Interaction, id: string): Reply {
  const { caller, store } = interaction;
  requireAccess(caller, 'read', ['read', 'search'], 'Patient');
  const patient = visibleResource(interaction, 'Patient', id);
  refuseDeleted(patient);
  const options = readOptions(interaction);
  const where = condition(interaction, id, JSON.parse(patient.json) as Resource, options);
  const sql = `SELECT r.k, r.type, r.id, r.json FROM fhir_res r WHERE r.s = ? AND r.deleted = 0 AND r.k > ? AND ${where.sql} ORDER BY r.k LIMIT ?`;
  const rows = store
    .all(sql, [store.service, options.after, ...where.parameters, options.count + 1])
    .map(foundRow);
  const page = rows.slice(0, options.count);
  const last = page.at(-1);
  const more = rows.length > options.count && last !== undefined;
  const entry = page.map((row) => ({
    fullUrl: `${store.base}/${row.type}/${row.id}`,
    resource: JSON.parse(row.json) as unknown,
    search: { mode: 'match' },
  }));
  const next = more ? writeContinuation({ k: last.k, sortValue: null }) : undefined;
  return {
    status: 200,
    body: {
      resourceType: 'Bundle',
      id: crypto.randomUUID(),
      meta: { lastUpdated: instant(interaction.fabric.clock.now()) },
      type: 'searchset',
      link: pageLinks(interaction, next),
      ...(entry.length === 0 ? {} : { entry }),
    },
  };
}

interface EverythingOptions {
  readonly after: number;
  readonly count: number;
  readonly types: ReadonlySet<string> | undefined;
  readonly since: number | undefined;
  readonly dates: readonly string[];
}

function readOptions({ query }: Interaction): EverythingOptions {
  const value = (name: string): string | undefined => query.find(([key]) => key === name)?.[1];
  const dated = (name: string): string | undefined => {
    const text = value(name);
    if (text !== undefined && dateRange(text) === undefined) {
      throw badRequest(`The date time string '${text}' is not in a correct format.`);
    }
    return text;
  };
  const since = dated('_since');
  const start = dated('start');
  const end = dated('end');
  const count = value('_count') ?? String(DEFAULT_COUNT);
  if (!/^[1-9]\d{0,8}$/.test(count)) throw badRequest('The count must be greater than zero.');
  const ct = value('ct');
  const types = value('_type');
  return {
    after: ct === undefined ? 0 : readContinuation(ct).k,
    count: Math.min(Number(count), MAXIMUM_COUNT),
    types: types === undefined ? undefined : new Set(types.split(',')),
    since: since === undefined ? undefined : dateRange(since)?.lo,
    dates: [...(start === undefined ? [] : [`ge${start}`]), ...(end === undefined ? [] : [`le${end}`])],
  };
}

function condition(
  interaction: Interaction,
  id: string,
  patient: Resource,
  options: EverythingOptions,
): Clause {
  const { store, caller } = interaction;
  const scope = searchScope(interaction);
  const wanted = (type: string): boolean => options.types === undefined || options.types.has(type);
  const seen = (type: string): Clause => visibleClause(scope, caller.smart, type, ['read', 'search']);
  const legs: Clause[] = [];
  if (wanted('Patient')) legs.push(allOf([clause('r.type = ?', 'Patient'), clause('r.id = ?', id)]));
  for (const { type, id: other } of careProviders(patient, store.base)) {
    if (wanted(type)) legs.push(allOf([clause('r.type = ?', type), clause('r.id = ?', other), seen(type)]));
  }
  for (const type of storedTypes(scope)) {
    if (type === 'Patient' || PATIENT_COMPARTMENT[type] === undefined || !wanted(type)) continue;
    const code = CLINICAL_DATES[type];
    const dates =
      code === undefined ? [] : options.dates.map((date) => parameterClause(scope, type, code, date));
    const members = compartmentClause(store, 'Patient', id, type);
    legs.push(allOfLed([clause('r.type = ?', type), members, ...dates, seen(type)]));
  }
  const since = options.since === undefined ? [] : [clause('r.upd >= ?', options.since)];
  return allOf([unionOf(store.service, legs), ...since]);
}

function careProviders(patient: Resource, base: string): { type: string; id: string }[] {
  const references = [patient['managingOrganization'], ...[patient['generalPractitioner'] ?? []].flat()];
  return references.flatMap((item) => {
    const literal = (item as { reference?: unknown } | undefined)?.reference;
    if (typeof literal !== 'string') return [];
    const target = splitReference(literal, base);
    return target.type === '' ? [] : [target];
  });
}

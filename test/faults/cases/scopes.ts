import { fhir, insteadOfRefusal, observationsOf, patch, withHeaders } from '../answers.ts';
import type { Asked } from '../asked.ts';
import { breaks, type Fault } from '../fault.ts';
import {
  clientNamed,
  fhirPath,
  isGoodRedemption,
  isIntrospect,
  isRead,
  isRefreshBy,
  issuedFor,
  isTokenOf,
  ownPatient,
  sessionOf,
  strangerOf,
} from '../requests.ts';

const APP = 'patient-confidential';
const DECLINED = 'patient/Observation.rs';

/** A session in which the user declined Observation but kept others. */
function isNarrow(asked: Asked): boolean {
  const scope = sessionOf(asked)?.scope ?? '';
  return scope.includes('patient/Condition.') && !scope.includes('patient/Observation.');
}

const isWideRedemption = (asked: Asked): boolean =>
  isGoodRedemption(asked) &&
  asked.clientId === clientNamed(asked, APP) &&
  issuedFor(asked)?.get('scope')?.includes(DECLINED) === true;

const isNarrowSearch = (asked: Asked): boolean =>
  isRead(asked, `Observation?patient=${ownPatient(asked)}`) && isNarrow(asked);

const OF_STRANGER: Fault['answer'] = async (asked) => observationsOf(strangerOf(asked));

/** A request of the standalone app's token that brings the stranger's data. */
function leaks(
  check: string,
  name: string,
  on: (asked: Asked) => boolean,
  answer: Fault['answer'] = OF_STRANGER,
): Fault {
  return breaks(check, name, (asked) => isTokenOf(asked, APP) && on(asked), answer);
}

function patientBundle(...ids: readonly string[]): Response {
  const entry = ids.map((id) => ({ resource: { resourceType: 'Patient', id } }));
  return fhir(200, { resourceType: 'Bundle', type: 'searchset', total: ids.length, entry });
}

/** Every scope the gateway speaks of, changed in all its answers; `chosen` when the client named the scopes. */
function spoken(change: (scope: string, chosen: boolean) => string): Fault['answer'] {
  return patch((body, asked) => {
    const { scope } = body;
    if (typeof scope === 'string' && scope.includes(DECLINED))
      body['scope'] = change(scope, asked.form.has('scope'));
  });
}

const speaksOfScopes = (asked: Asked): boolean =>
  isWideRedemption(asked) || isRefreshBy(asked, APP) || isIntrospect(asked);

export const scopesFaults: readonly Fault[] = [
  breaks(
    'scopes/granted-equals-chosen',
    'everything ever consented is granted',
    isWideRedemption,
    patch((body, asked) => {
      if (body['scope'] !== undefined) body['scope'] = issuedFor(asked)?.get('scope');
    }),
  ),
  breaks(
    'scopes/categories-choosable',
    'whoever picks categories grants the whole type',
    (asked) =>
      isGoodRedemption(asked) && issuedFor(asked)?.get('scope')?.endsWith(' patient/Condition.rs') === true,
    patch((body, asked) => {
      if (body['scope'] !== undefined) body['scope'] = issuedFor(asked)?.get('scope');
    }),
  ),
  breaks(
    'scopes/refused-type-search',
    'searches of declined types come back empty',
    isNarrowSearch,
    insteadOfRefusal(() => fhir(200, { resourceType: 'Bundle', type: 'searchset', total: 0 })),
  ),
  breaks(
    'scopes/refused-type-read',
    'declined types can be read by id',
    (asked) =>
      asked.method === 'GET' && /^Observation\/[^/?]+$/.test(fhirPath(asked) ?? '') && isNarrow(asked),
    insteadOfRefusal(() => fhir(200, { resourceType: 'Observation', id: 'shown' })),
  ),
  breaks(
    'scopes/insufficient-scope',
    'refusals give no reason',
    isNarrowSearch,
    withHeaders({ 'www-authenticate': undefined }),
  ),
  breaks(
    'scopes/kept-type-readable',
    'declining one type closes all',
    (asked) => isRead(asked, `Patient/${ownPatient(asked)}`) && isNarrow(asked),
    async () => fhir(403, { resourceType: 'OperationOutcome', issue: [] }),
  ),
  breaks(
    'scopes/within-request',
    'a scope is granted that nobody asked',
    speaksOfScopes,
    spoken((scope, chosen) => (chosen ? scope : `${scope} patient/Binary.rs`)),
  ),
  breaks(
    'scopes/syntax-kept',
    'scopes come back in the spelling of Entra',
    speaksOfScopes,
    async (asked, next) => {
      const text = asked.text.replaceAll('launch.patient', 'launch%2Fpatient');
      const init = {
        method: asked.method,
        headers: asked.request.headers,
        body: text,
        redirect: 'manual' as const,
      };
      const request = new Request(asked.url, init);
      return await spoken((scope) => scope.replace('launch/patient', 'launch.patient'))(
        { ...asked, request },
        next,
      );
    },
  ),
  leaks(
    'scopes/other-patient-read',
    'any patient can be read by id',
    (asked) => isRead(asked, `Patient/${strangerOf(asked)}`),
    async (asked) => fhir(200, { resourceType: 'Patient', id: strangerOf(asked) }),
  ),
  leaks('scopes/other-patient-search', 'the patient parameter is believed', (asked) =>
    isRead(asked, `Observation?patient=${strangerOf(asked)}`),
  ),
  leaks(
    'scopes/other-patient-post-search',
    'posted searches are not checked',
    (asked) => fhirPath(asked) === 'Observation/_search',
  ),
  leaks(
    'scopes/other-patient-id-list',
    'lists of ids are not checked',
    (asked) => (asked.query.get('_id') ?? '').includes(',') && fhirPath(asked) === 'Patient',
    async (asked) => patientBundle(ownPatient(asked), strangerOf(asked)),
  ),
  leaks('scopes/unfiltered-search', 'a search without patient shows all', (asked) =>
    isRead(asked, 'Observation?_count=50'),
  ),
  leaks(
    'scopes/include',
    'included resources are not checked',
    (asked) => fhirPath(asked) === 'Observation' && asked.query.has('_include'),
  ),
  leaks('scopes/revinclude', 'reverse included resources are not checked', (asked) =>
    asked.query.has('_revinclude'),
  ),
  leaks('scopes/compartment', 'compartments are open', (asked) =>
    isRead(asked, `Patient/${strangerOf(asked)}/Observation`),
  ),
  leaks(
    'scopes/count',
    'counts are not filtered',
    (asked) => asked.query.get('_summary') === 'count',
    async () => fhir(200, { resourceType: 'Bundle', type: 'searchset', total: 7 }),
  ),
  leaks(
    'scopes/batch',
    'entries of a batch are not checked',
    (asked) => asked.method === 'POST' && fhirPath(asked) === '',
    async (asked) => patientBundle(strangerOf(asked)),
  ),
  breaks(
    'scopes/launch-patient',
    'clinicians see every patient whatever the scope',
    (asked) => isTokenOf(asked, 'ehr-patient') && isRead(asked, `Patient/${strangerOf(asked)}`),
    async (asked) => fhir(200, { resourceType: 'Patient', id: strangerOf(asked) }),
  ),
];

import { patch } from '../answers.ts';
import type { Asked } from '../asked.ts';
import { breaks, type Fault } from '../fault.ts';
import {
  clientNamed,
  fhirPath,
  isGoodRedemption,
  isIntrospect,
  isMainRedemption,
  isRead,
  ownPatient,
} from '../requests.ts';

const isEhrRedemption = (asked: Asked): boolean =>
  isGoodRedemption(asked) && asked.clientId === clientNamed(asked, 'ehr-practitioner');

/** The EHR session's token response with one change. */
function launched(check: string, name: string, change: (body: Record<string, unknown>) => void): Fault {
  return breaks(
    check,
    name,
    isEhrRedemption,
    patch((body) => change(body)),
  );
}

export const contextFaults: readonly Fault[] = [
  breaks(
    'context/patient-present',
    'no patient comes with patient/ scopes',
    isMainRedemption,
    patch((body) => {
      delete body['patient'];
    }),
  ),
  breaks(
    'context/patient-bare-id',
    'the patient comes as a reference',
    (asked) => isMainRedemption(asked) || isIntrospect(asked),
    patch((body) => {
      if (typeof body['patient'] === 'string') body['patient'] = `Patient/${body['patient']}`;
    }),
  ),
  breaks(
    'context/patient-readable',
    'another patient comes back',
    (asked) => isRead(asked, `Patient/${ownPatient(asked)}`),
    patch((body) => {
      if (body['resourceType'] === 'Patient') body['id'] = 'somebody-else';
    }),
  ),
  launched('context/ehr-patient', 'the EHR session gets another patient', (body) => {
    body['patient'] = 'patient-c';
  }),
  launched('context/encounter-present', 'the encounter is left out', (body) => {
    delete body['encounter'];
  }),
  breaks(
    'context/encounter-readable',
    'another encounter comes back',
    (asked) => asked.method === 'GET' && fhirPath(asked) === `Encounter/${asked.profile.encounter}`,
    patch((body) => {
      body['id'] = 'another-encounter';
    }),
  ),
  launched('context/patient-banner', 'need_patient_banner is a string', (body) => {
    body['need_patient_banner'] = 'true';
  }),
  breaks(
    'context/smart-style',
    'the style document is missing',
    (asked) => fhirPath(asked) === 'smart-style.json',
    async () => new Response('not found', { status: 404 }),
  ),
  launched('context/strings', 'intent is a number', (body) => {
    body['intent'] = 5;
  }),
  launched('context/fhir-context', 'a context item names nothing', (body) => {
    body['fhirContext'] = [{ role: '' }];
  }),
];

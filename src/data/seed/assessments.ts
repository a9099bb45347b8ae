import { category, observation, SOCIAL_HISTORY } from './observation.ts';
import type { SeedPatient } from './people.ts';
import {
  type CodeableConcept,
  concept,
  loinc,
  quantity,
  reference,
  type SeedResource,
  SYSTEM,
  snomed,
} from './resource.ts';

const SURVEY = category('survey', 'Survey');
const SDOH = concept(SYSTEM.usCoreCategory, 'sdoh', 'SDOH');

export function assessments(patient: SeedPatient): SeedResource[] {
  const profile = 'us-core-observation-screening-assessment';
  const answers = reference('QuestionnaireResponse', `questionnaire-response-${patient.key}`);
  const member = (id: string): { reference: string } => reference('Observation', `${id}-${patient.key}`);
  const screening = [SURVEY, SDOH];
  return [
    observation(patient, 'screening-panel', profile, screening, loinc('88121-9', 'Hunger Vital Sign [HVS]'), {
      hasMember: [member('screening-worried'), member('screening-ran-out'), member('screening-count')],
      derivedFrom: [answers],
    }),
    observation(
      patient,
      'screening-worried',
      profile,
      screening,
      loinc(
        '88122-7',
        'Within the past 12 months we worried whether our food would run out before we got money to buy more',
      ),
      { valueCodeableConcept: concept(SYSTEM.loinc, 'LA28397-0', 'Often true'), derivedFrom: [answers] },
    ),
    observation(
      patient,
      'screening-ran-out',
      profile,
      screening,
      loinc(
        '88123-5',
        "Within the past 12 months the food we bought just didn't last and we didn't have money to get more",
      ),
      { valueString: 'Sometimes true', derivedFrom: [member('screening-worried')] },
    ),
    observation(
      patient,
      'screening-count',
      profile,
      screening,
      loinc('96842-0', 'How often did this happen'),
      {
        valueQuantity: quantity(3, 'times', '{times}'),
        derivedFrom: [answers],
      },
    ),
    ...statusObservations(patient),
    ...simpleObservations(patient, answers),
  ];
}

/** US Core "Screening and Assessments": functional, disability and cognitive status beside the social determinants. */
function statusObservations(patient: SeedPatient): SeedResource[] {
  const make = (
    kind: string,
    display: string,
    code: CodeableConcept,
    value: Readonly<Record<string, unknown>>,
  ): SeedResource => {
    const categories = [SURVEY, concept(SYSTEM.usCoreCategory, kind, display)];
    return observation(patient, kind, 'us-core-observation-screening-assessment', categories, code, value);
  };
  return [
    make(
      'functional-status',
      'Functional Status',
      loinc('10158-8', 'History of Functional status Narrative'),
      {
        valueString: 'Independent in all activities of daily living',
      },
    ),
    make(
      'disability-status',
      'Disability Status',
      loinc('69859-7', 'Do you have serious difficulty walking or climbing stairs'),
      { valueCodeableConcept: concept(SYSTEM.loinc, 'LA32-8', 'No') },
    ),
    make(
      'cognitive-status',
      'Cognitive Status',
      loinc('11332-4', 'History of Cognitive Function Narrative'),
      {
        valueString: 'Oriented to person, place and time',
      },
    ),
  ];
}

function simpleObservations(patient: SeedPatient, answers: { reference: string }): SeedResource[] {
  const make = (id: string, code: CodeableConcept, value: Readonly<Record<string, unknown>>): SeedResource =>
    observation(patient, id, 'us-core-simple-observation', [SOCIAL_HISTORY], code, {
      ...value,
      derivedFrom: [answers],
    });
  return [
    make('simple-housing', loinc('71802-3', 'Housing status'), {
      valueCodeableConcept: concept(
        SYSTEM.loinc,
        'LA30189-7',
        'I have a place to live today, but I am worried about losing it in the future',
      ),
    }),
    make(
      'simple-exercise',
      loinc(
        '68516-4',
        'On those days that you engage in moderate to strenuous exercise, how many minutes, on average, do you exercise',
      ),
      {
        valueQuantity: quantity(30, 'min', 'min'),
      },
    ),
    make(
      'simple-wish',
      loinc('75773-2', 'Goals, preferences, and priorities for medical treatment [Reported]'),
      {
        valueString: 'Prefers treatment at home',
      },
    ),
    make('simple-lives-alone', snomed('105529008', 'Lives alone'), { valueBoolean: false }),
  ];
}

import { encounterRef, organizationRef, patientRef, practitionerRef, type SeedPatient } from './people.ts';
import {
  concept,
  hl7,
  loinc,
  plainResource,
  reference,
  resource,
  type SeedResource,
  SYSTEM,
} from './resource.ts';

const NOTE = 'Blood pressure 128/82. Continues lisinopril. No acute complaints.';
const encoded = (text: string): string => Buffer.from(text).toString('base64');

/** Reports, documents, questionnaire answers and the provenance of what is above them. */
export function documentRecords(patient: SeedPatient): SeedResource[] {
  return [
    ...diagnosticReports(patient),
    ...documentReferences(patient),
    binary(patient),
    questionnaireResponse(patient),
  ];
}

function diagnosticReports(patient: SeedPatient): SeedResource[] {
  const { key } = patient;
  const base = {
    status: 'final',
    subject: patientRef(patient),
    encounter: encounterRef(patient),
    effectiveDateTime: '2026-03-02T09:15:00Z',
    issued: '2026-03-02T15:00:00Z',
    performer: [practitionerRef(patient), organizationRef()],
    resultsInterpreter: [practitionerRef(patient)],
  };
  const observation = (id: string): { reference: string } => reference('Observation', `${id}-${key}`);
  const note = (id: string, category: [string, string], code: [string, string]): SeedResource =>
    resource('DiagnosticReport', `${id}-${key}`, 'us-core-diagnosticreport-note', {
      ...base,
      category: [loinc(...category)],
      code: loinc(...code),
      result: [observation('lab-hemoglobin'), observation('clinical-ejection')],
      presentedForm: [{ contentType: 'text/plain', data: encoded(NOTE), title: 'Report' }],
    });
  return [
    resource('DiagnosticReport', `report-lab-${key}`, 'us-core-diagnosticreport-lab', {
      ...base,
      category: [hl7('v2-0074', 'LAB', 'Laboratory')],
      code: loinc('58410-2', 'CBC panel - Blood by Automated count'),
      specimen: [reference('Specimen', `specimen-${key}`)],
      result: [observation('lab-hemoglobin'), observation('lab-nitrite')],
    }),
    note('report-cardiology', ['LP29708-2', 'Cardiology'], ['34534-8', '12 lead EKG panel']),
    note('report-pathology', ['LP7839-6', 'Pathology'], ['11526-1', 'Pathology study']),
    note('report-radiology', ['LP29684-5', 'Radiology'], ['18748-4', 'Diagnostic imaging study']),
  ];
}

/** The eight note and report types of US Core's clinical notes guidance, as LOINC codes. */
const NOTES: readonly (readonly [id: string, code: string, display: string])[] = [
  ['progress', '11506-3', 'Progress note'],
  ['consultation', '11488-4', 'Consult note'],
  ['discharge', '18842-5', 'Discharge summary'],
  ['history', '34117-2', 'History and physical note'],
  ['procedures', '28570-0', 'Procedure note'],
  ['imaging', '18748-4', 'Diagnostic imaging study'],
  ['laboratory', '11502-2', 'Laboratory report'],
  ['pathology', '11526-1', 'Pathology study'],
];

function documentReferences(patient: SeedPatient): SeedResource[] {
  const { key } = patient;
  return NOTES.map(([id, code, display], index) =>
    resource('DocumentReference', `document-${id}-${key}`, 'us-core-documentreference', {
      identifier: [{ system: SYSTEM.local, value: `DOC-${id}-${key}` }],
      status: 'current',
      type: loinc(code, display),
      category: [concept(SYSTEM.usCoreDocument, 'clinical-note', 'Clinical Note')],
      subject: patientRef(patient),
      date: '2026-03-02T10:00:00Z',
      author: [practitionerRef(patient)],
      content: [
        {
          attachment:
            index === 0
              ? { contentType: 'text/plain', url: `Binary/binary-${key}`, title: display }
              : { contentType: 'text/plain', data: encoded(NOTE), title: display },
          format: {
            system: 'http://ihe.net/fhir/ihe.formatcode.fhir/CodeSystem/formatcode',
            code: 'urn:ihe:iti:xds:2017:mimeTypeSufficient',
            display: 'mimeType Sufficient',
          },
        },
      ],
      context: {
        encounter: [encounterRef(patient)],
        period: { start: '2026-03-02T09:00:00Z', end: '2026-03-02T09:40:00Z' },
      },
    }),
  );
}

function binary(patient: SeedPatient): SeedResource {
  return plainResource('Binary', `binary-${patient.key}`, {
    contentType: 'text/plain',
    securityContext: patientRef(patient),
    data: encoded(NOTE),
  });
}

function questionnaireResponse(patient: SeedPatient): SeedResource {
  return resource(
    'QuestionnaireResponse',
    `questionnaire-response-${patient.key}`,
    'us-core-questionnaireresponse',
    {
      identifier: { system: SYSTEM.local, value: `QR-${patient.key}` },
      questionnaire: 'https://smartfhir.example/Questionnaire/hunger-vital-sign',
      _questionnaire: {
        extension: [
          { url: 'http://hl7.org/fhir/StructureDefinition/display', valueString: 'Hunger Vital Sign' },
          {
            url: 'http://hl7.org/fhir/us/core/StructureDefinition/us-core-extension-questionnaire-uri',
            valueUri: 'https://smartfhir.example/forms/hunger-vital-sign',
          },
        ],
      },
      status: 'completed',
      subject: patientRef(patient),
      encounter: encounterRef(patient),
      authored: '2026-03-02T09:05:00Z',
      author: practitionerRef(patient),
      item: [
        {
          linkId: '1',
          text: 'Hunger Vital Sign',
          item: [
            { linkId: '1.1', text: 'How often did food run out?', answer: [{ valueString: 'Sometimes' }] },
          ],
        },
        {
          linkId: '2',
          text: 'We worried whether our food would run out',
          answer: [
            {
              valueCoding: { system: SYSTEM.loinc, code: 'LA28397-0', display: 'Often true' },
              item: [{ linkId: '2.1', text: 'Since when?', answer: [{ valueString: 'Autumn' }] }],
            },
          ],
        },
        { linkId: '3', text: 'How many times?', answer: [{ valueDecimal: 3 }] },
        { linkId: '4', text: 'Anything to add?', answer: [{ valueString: 'It got better in spring' }] },
      ],
    },
  );
}

/** One Provenance for everything of a patient: author and transmitter. */
export function provenance(patient: SeedPatient, targets: readonly SeedResource[]): SeedResource {
  const agent = (code: string, display: string, system: string): Record<string, unknown> => ({
    type: concept(system, code, display),
    who: practitionerRef(patient),
    onBehalfOf: organizationRef(),
  });
  return resource('Provenance', `provenance-${patient.key}`, 'us-core-provenance', {
    target: targets.map(({ resourceType, id }) => reference(resourceType, id)),
    recorded: '2026-03-02T16:00:00.000Z',
    agent: [
      agent('author', 'Author', 'http://terminology.hl7.org/CodeSystem/provenance-participant-type'),
      {
        type: concept(
          'http://hl7.org/fhir/us/core/CodeSystem/us-core-provenance-participant-type',
          'transmitter',
          'Transmitter',
        ),
        who: organizationRef(),
      },
    ],
  });
}

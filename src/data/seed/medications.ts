import { encounterRef, organizationRef, patientRef, practitionerRef, type SeedPatient } from './people.ts';
import {
  concept,
  hl7,
  quantity,
  reference,
  resource,
  type SeedResource,
  SYSTEM,
  snomed,
} from './resource.ts';

const LISINOPRIL = concept(SYSTEM.rxnorm, '314076', 'lisinopril 10 MG Oral Tablet');
const DOSAGE = {
  text: 'One tablet by mouth once a day',
  timing: { repeat: { frequency: 1, period: 1, periodUnit: 'd' } },
  route: snomed('26643006', 'Oral route'),
  doseAndRate: [{ doseQuantity: quantity(1, 'tablet', '{tablet}') }],
} as const;

/** The one medication that is a resource of its own; the other requests carry their code. */
export function sharedMedication(): SeedResource {
  return resource('Medication', 'medication-1', 'us-core-medication', { status: 'active', code: LISINOPRIL });
}

export function medicationRecords(patient: SeedPatient): SeedResource[] {
  return [
    medicationRequest(patient, `medication-request-${patient.key}`, {
      medicationCodeableConcept: LISINOPRIL,
      reportedBoolean: false,
      reasonCode: [snomed('59621000', 'Essential hypertension')],
    }),
    medicationRequest(patient, `medication-request-reported-${patient.key}`, {
      medicationReference: reference('Medication', 'medication-1'),
      reportedReference: practitionerRef(patient),
      reasonReference: [reference('Condition', `condition-problem-${patient.key}`)],
    }),
    resource('MedicationDispense', `medication-dispense-${patient.key}`, 'us-core-medicationdispense', {
      status: 'completed',
      medicationCodeableConcept: LISINOPRIL,
      subject: patientRef(patient),
      context: encounterRef(patient),
      performer: [{ actor: organizationRef() }, { actor: practitionerRef(patient) }],
      authorizingPrescription: [reference('MedicationRequest', `medication-request-${patient.key}`)],
      type: hl7('v3-ActCode', 'FF', 'First Fill'),
      quantity: quantity(90, 'tablet', '{tablet}'),
      daysSupply: quantity(90, 'day', 'd'),
      whenHandedOver: '2026-03-03T12:00:00Z',
      dosageInstruction: [DOSAGE],
    }),
    resource(
      'MedicationDispense',
      `medication-dispense-reference-${patient.key}`,
      'us-core-medicationdispense',
      {
        status: 'completed',
        medicationReference: reference('Medication', 'medication-1'),
        subject: patientRef(patient),
        performer: [{ actor: organizationRef() }, { actor: practitionerRef(patient) }],
        authorizingPrescription: [
          reference('MedicationRequest', `medication-request-reported-${patient.key}`),
        ],
        type: hl7('v3-ActCode', 'RF', 'Refill'),
        quantity: quantity(30, 'tablet', '{tablet}'),
        whenHandedOver: '2026-06-03T12:00:00Z',
        dosageInstruction: [DOSAGE],
      },
    ),
  ];
}

function medicationRequest(
  patient: SeedPatient,
  id: string,
  particulars: Readonly<Record<string, unknown>>,
): SeedResource {
  return resource('MedicationRequest', id, 'us-core-medicationrequest', {
    status: 'active',
    intent: 'order',
    category: [hl7('medicationrequest-category', 'community', 'Community')],
    ...particulars,
    subject: patientRef(patient),
    encounter: encounterRef(patient),
    authoredOn: '2026-03-02T09:30:00Z',
    requester: practitionerRef(patient),
    dosageInstruction: [DOSAGE],
    dispenseRequest: { numberOfRepeatsAllowed: 3, quantity: quantity(90, 'tablet', '{tablet}') },
  });
}

import { encounterRef, organizationRef, patientRef, practitionerRef, type SeedPatient } from './people.ts';
import { concept, hl7, loinc, reference, resource, type SeedResource, SYSTEM, snomed } from './resource.ts';

const CONDITION_CATEGORY = 'condition-category';

/** Encounter, conditions, allergy, procedure, immunizations: what happened. */
export function clinicalRecords(patient: SeedPatient): SeedResource[] {
  return [
    encounter(patient),
    ...conditions(patient),
    ...allergies(patient),
    procedure(patient),
    ...immunizations(patient),
  ];
}

function encounter(patient: SeedPatient): SeedResource {
  const period = { start: '2026-03-02T09:00:00Z', end: '2026-03-02T09:40:00Z' };
  return resource('Encounter', `encounter-${patient.key}`, 'us-core-encounter', {
    identifier: [{ system: SYSTEM.local, value: `ENC-${patient.key}` }],
    status: 'finished',
    class: { system: 'http://terminology.hl7.org/CodeSystem/v3-ActCode', code: 'AMB', display: 'ambulatory' },
    type: [snomed('185349003', 'Encounter for check up')],
    subject: patientRef(patient),
    participant: [
      {
        type: [hl7('v3-ParticipationType', 'PPRF', 'primary performer')],
        period,
        individual: practitionerRef(patient),
      },
    ],
    period,
    reasonCode: [snomed('59621000', 'Essential hypertension')],
    reasonReference: [
      reference('Condition', `condition-problem-${patient.key}`),
      reference('Condition', `condition-diagnosis-${patient.key}`),
    ],
    hospitalization: { dischargeDisposition: hl7('discharge-disposition', 'home', 'Home') },
    location: [{ location: reference('Location', 'location-1'), status: 'completed' }],
    serviceProvider: organizationRef(),
  });
}

function conditions(patient: SeedPatient): SeedResource[] {
  const { key } = patient;
  const who = {
    subject: patientRef(patient),
    encounter: encounterRef(patient),
    asserter: practitionerRef(patient),
  };
  const resolved = {
    clinicalStatus: hl7('condition-clinical', 'resolved', 'Resolved'),
    verificationStatus: hl7('condition-ver-status', 'confirmed', 'Confirmed'),
  };
  const active = { ...resolved, clinicalStatus: hl7('condition-clinical', 'active', 'Active') };
  const problems = 'us-core-condition-problems-health-concerns';
  const asserted = [
    { url: 'http://hl7.org/fhir/StructureDefinition/condition-assertedDate', valueDateTime: '2025-11-04' },
  ];
  return [
    resource('Condition', `condition-problem-${key}`, problems, {
      extension: asserted,
      ...active,
      category: [hl7(CONDITION_CATEGORY, 'problem-list-item', 'Problem List Item')],
      code: snomed('59621000', 'Essential hypertension'),
      ...who,
      onsetDateTime: '2025-10-20',
      recordedDate: '2025-11-04',
    }),
    resource('Condition', `condition-resolved-${key}`, problems, {
      ...resolved,
      category: [hl7(CONDITION_CATEGORY, 'problem-list-item', 'Problem List Item')],
      code: snomed('195662009', 'Acute viral pharyngitis'),
      ...who,
      onsetDateTime: '2025-01-10',
      abatementDateTime: '2025-01-24',
      recordedDate: '2025-01-12',
    }),
    resource('Condition', `condition-concern-${key}`, problems, {
      extension: asserted,
      ...active,
      category: [
        concept(
          'http://hl7.org/fhir/us/core/CodeSystem/condition-category',
          'health-concern',
          'Health Concern',
        ),
        concept(SYSTEM.usCoreCategory, 'sdoh', 'SDOH'),
      ],
      code: snomed('733423003', 'Food insecurity'),
      ...who,
      onsetDateTime: '2025-09-01',
      recordedDate: '2025-11-04',
    }),
    resource('Condition', `condition-diagnosis-${key}`, 'us-core-condition-encounter-diagnosis', {
      ...resolved,
      category: [hl7(CONDITION_CATEGORY, 'encounter-diagnosis', 'Encounter Diagnosis')],
      code: snomed('10509002', 'Acute bronchitis'),
      ...who,
      onsetDateTime: '2026-02-27',
      abatementDateTime: '2026-03-16',
      recordedDate: '2026-03-02',
    }),
  ];
}

function allergies(patient: SeedPatient): SeedResource[] {
  const base = {
    clinicalStatus: hl7('allergyintolerance-clinical', 'active', 'Active'),
    patient: patientRef(patient),
    recordedDate: '2024-06-11',
    recorder: practitionerRef(patient),
    asserter: practitionerRef(patient),
    reaction: [{ manifestation: [snomed('247472004', 'Wheal')], severity: 'moderate' }],
  };
  return [
    resource('AllergyIntolerance', `allergy-${patient.key}`, 'us-core-allergyintolerance', {
      ...base,
      verificationStatus: hl7('allergyintolerance-verification', 'confirmed', 'Confirmed'),
      category: ['medication'],
      criticality: 'high',
      code: concept(SYSTEM.rxnorm, '7980', 'penicillin G'),
    }),
    // US Core "Missing Data": a mandatory code that nobody knows.
    resource('AllergyIntolerance', `allergy-unknown-${patient.key}`, 'us-core-allergyintolerance', {
      ...base,
      verificationStatus: hl7('allergyintolerance-verification', 'unconfirmed', 'Unconfirmed'),
      code: hl7('data-absent-reason', 'unknown', 'Unknown'),
    }),
  ];
}

function procedure(patient: SeedPatient): SeedResource {
  return resource('Procedure', `procedure-${patient.key}`, 'us-core-procedure', {
    basedOn: [reference('ServiceRequest', `service-request-${patient.key}`)],
    status: 'completed',
    code: snomed('104091002', 'Hemogram, automated, with platelet count'),
    subject: patientRef(patient),
    encounter: encounterRef(patient),
    performedDateTime: '2026-03-02T09:20:00Z',
    performer: [{ actor: practitionerRef(patient) }],
    reasonCode: [snomed('59621000', 'Essential hypertension')],
  });
}

function immunizations(patient: SeedPatient): SeedResource[] {
  const base = {
    patient: patientRef(patient),
    primarySource: true,
    performer: [{ actor: practitionerRef(patient) }],
    vaccineCode: concept(SYSTEM.cvx, '140', 'Influenza, seasonal, injectable, preservative free'),
  };
  return [
    resource('Immunization', `immunization-${patient.key}`, 'us-core-immunization', {
      status: 'completed',
      ...base,
      occurrenceDateTime: '2025-10-06T10:00:00Z',
    }),
    resource('Immunization', `immunization-not-done-${patient.key}`, 'us-core-immunization', {
      status: 'not-done',
      statusReason: hl7('v3-ActReason', 'PATOBJ', 'patient objection'),
      ...base,
      occurrenceDateTime: '2024-10-06T10:00:00Z',
    }),
    // US Core "Missing Data": a mandatory date that nobody knows.
    resource('Immunization', `immunization-undated-${patient.key}`, 'us-core-immunization', {
      status: 'completed',
      ...base,
      primarySource: false,
      vaccineCode: concept(
        SYSTEM.cvx,
        '115',
        'tetanus toxoid, reduced diphtheria toxoid, and acellular pertussis vaccine, adsorbed',
      ),
      _occurrenceDateTime: {
        extension: [
          { url: 'http://hl7.org/fhir/StructureDefinition/data-absent-reason', valueCode: 'unknown' },
        ],
      },
    }),
  ];
}

/** What was planned and who takes part: care plan, team, goal, coverage, device, service request. */
export function careRecords(patient: SeedPatient): SeedResource[] {
  const { key } = patient;
  const subject = patientRef(patient);
  return [
    resource('CarePlan', `care-plan-${key}`, 'us-core-careplan', {
      text: {
        status: 'generated',
        div: '<div xmlns="http://www.w3.org/1999/xhtml"><p>Blood pressure: measure weekly, review in three months.</p></div>',
      },
      status: 'active',
      intent: 'plan',
      category: [
        concept(
          'http://hl7.org/fhir/us/core/CodeSystem/careplan-category',
          'assess-plan',
          'Assessment and Plan of Treatment',
        ),
      ],
      subject,
      encounter: encounterRef(patient),
      period: { start: '2026-03-02' },
      careTeam: [reference('CareTeam', `care-team-${key}`)],
      goal: [reference('Goal', `goal-${key}`)],
      activity: [
        {
          detail: {
            code: snomed('135840009', 'Blood pressure monitoring'),
            status: 'in-progress',
            performer: [practitionerRef(patient)],
          },
        },
      ],
    }),
    resource('CareTeam', `care-team-${key}`, 'us-core-careteam', {
      status: 'active',
      name: 'Blood pressure team',
      subject,
      participant: [
        { role: [snomed('446050000', 'Primary care provider')], member: practitionerRef(patient) },
        {
          role: [snomed('453231000124104', 'Primary care provider (occupation)')],
          member: reference(
            'PractitionerRole',
            patient.practitioner.replace('practitioner', 'practitioner-role'),
          ),
        },
        {
          role: [snomed('133932002', 'Caregiver')],
          member: reference('RelatedPerson', `related-person-${key}`),
        },
      ],
    }),
    resource('Goal', `goal-${key}`, 'us-core-goal', {
      lifecycleStatus: 'active',
      achievementStatus: hl7('goal-achievement', 'in-progress', 'In Progress'),
      description: { text: 'Blood pressure below 140/90 mmHg' },
      subject,
      startDate: '2026-03-02',
      target: [{ dueDate: '2026-09-02' }],
      expressedBy: practitionerRef(patient),
    }),
    coverage(patient),
    device(patient),
    serviceRequest(patient),
  ];
}

function coverage(patient: SeedPatient): SeedResource {
  return resource('Coverage', `coverage-${patient.key}`, 'us-core-coverage', {
    identifier: [
      { type: hl7('v2-0203', 'MB', 'Member Number'), system: SYSTEM.local, value: `MB-${patient.key}-0001` },
    ],
    status: 'active',
    type: concept('https://nahdo.org/sopt', '5', 'PRIVATE HEALTH INSURANCE'),
    subscriberId: `SUB-${patient.key}`,
    beneficiary: patientRef(patient),
    relationship: hl7('subscriber-relationship', 'self', 'Self'),
    period: { start: '2025-01-01', end: '2026-12-31' },
    payor: [reference('Organization', 'organization-2')],
    class: [
      { type: hl7('coverage-class', 'group', 'Group'), value: 'GRP-1', name: 'Synthetic employer group' },
      { type: hl7('coverage-class', 'plan', 'Plan'), value: 'PLAN-1', name: 'Plains Basic' },
    ],
  });
}

function device(patient: SeedPatient): SeedResource {
  return resource('Device', `device-${patient.key}`, 'us-core-implantable-device', {
    udiCarrier: [
      {
        deviceIdentifier: '09504000059118',
        carrierHRF: '(01)09504000059118(17)291231(10)LOT42(21)SN1024',
      },
    ],
    status: 'active',
    distinctIdentifier: 'A99971234560',
    manufactureDate: '2024-05-01',
    expirationDate: '2029-12-31',
    lotNumber: 'LOT42',
    serialNumber: 'SN1024',
    deviceName: [{ name: 'Synthetic coronary stent', type: 'user-friendly-name' }],
    type: snomed('705643001', 'Coronary artery stent'),
    patient: patientRef(patient),
  });
}

function serviceRequest(patient: SeedPatient): SeedResource {
  return resource('ServiceRequest', `service-request-${patient.key}`, 'us-core-servicerequest', {
    status: 'completed',
    intent: 'order',
    category: [snomed('108252007', 'Laboratory procedure')],
    code: loinc('58410-2', 'CBC panel - Blood by Automated count'),
    subject: patientRef(patient),
    encounter: encounterRef(patient),
    occurrencePeriod: { start: '2026-03-02', end: '2026-03-09' },
    authoredOn: '2026-03-02T09:10:00Z',
    requester: practitionerRef(patient),
    reasonCode: [snomed('59621000', 'Essential hypertension')],
    reasonReference: [reference('Condition', `condition-problem-${patient.key}`)],
  });
}

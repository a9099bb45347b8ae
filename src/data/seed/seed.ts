import { careRecords, clinicalRecords } from './clinical.ts';
import { documentRecords, provenance } from './documents.ts';
import { medicationRecords, sharedMedication } from './medications.ts';
import { observations } from './observations.ts';
import { patientPeople, patientRef, SEED_PATIENTS, type SeedPatient, sharedPeople } from './people.ts';
import { plainResource, reference, type SeedResource, SYSTEM } from './resource.ts';

/** Id of the Group that bulk export tests use. */
export const SEED_GROUP = 'group-abc';

/**
 * Synthetic patients with one or more resources of every type that US Core 6.1.0 profiles, every must-support
 * element somewhere. The same in every run: no clock, no randomness. Referenced resources come before their users.
 */
export function generateSeed(): SeedResource[] {
  return [...sharedPeople(), sharedMedication(), ...SEED_PATIENTS.flatMap(recordsOf), group()];
}

function recordsOf(patient: SeedPatient): SeedResource[] {
  const [person, related] = patientPeople(patient);
  if (person === undefined || related === undefined)
    throw new Error('a seed patient has no Patient resource');
  const records = [
    ...clinicalRecords(patient),
    ...careRecords(patient),
    ...medicationRecords(patient),
    ...observations(patient),
    ...documentRecords(patient),
  ];
  return [person, related, ...records, provenance(patient, [person, ...records.filter(isClinical)])];
}

function isClinical(record: SeedResource): boolean {
  return record.resourceType !== 'Binary';
}

function group(): SeedResource {
  return plainResource('Group', SEED_GROUP, {
    identifier: [{ system: SYSTEM.local, value: SEED_GROUP }],
    active: true,
    type: 'person',
    actual: true,
    name: 'All synthetic patients',
    managingEntity: reference('Organization', 'organization-1'),
    member: SEED_PATIENTS.map((patient) => ({ entity: patientRef(patient) })),
  });
}

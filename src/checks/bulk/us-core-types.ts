import { parseScopeList, resourceScopes } from '../../smart/scopes.ts';
import { defineCheck, judge } from '../check.ts';
import { backendSession } from '../evidence/backend.ts';
import { exportFiles } from '../evidence/bulk-export.ts';

/** Types without which the multi-patient tests of (g)(10) end; the last four are outside the patient compartment. */
const NEEDED = [
  'Patient',
  'AllergyIntolerance',
  'CarePlan',
  'CareTeam',
  'Condition',
  'Coverage',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'Goal',
  'Immunization',
  'MedicationDispense',
  'MedicationRequest',
  'Observation',
  'Procedure',
  'RelatedPerson',
  'ServiceRequest',
  'Specimen',
  'Provenance',
  'Device',
  'Organization',
  'Practitioner',
];

export const usCoreTypes = defineCheck({
  meta: {
    id: 'bulk/us-core-types',
    title: 'A group export has files of every US Core type that it may have',
    severity: 'error',
    specs: ['Bulk Data 2.0.0 export#query-parameters', '45 CFR 170.315(g)(10)(i)(B)'],
    requirements: ['BULK-KICKOFF-013'],
    inferno: ['8.3.10', '8.3.19', '8.3.20'],
    needs: { files: exportFiles, session: backendSession },
    fix: 'Load data of every type for the members of the group, and export the devices, organizations and practitioners they refer to.',
  },
  judge({ files: { listed, files }, session: { body } }) {
    const granted = resourceScopes(parseScopeList(String(body['scope'] ?? '')).scopes).map(
      ({ type }) => type,
    );
    const empty = new Set(
      files.filter((file) => file.status === 200 && file.lines === 0).map(({ type }) => type),
    );
    const missing = NEEDED.filter(
      (type) =>
        (!listed.includes(type) || empty.has(type)) && (granted.includes('*') || granted.includes(type)),
    );
    return judge(missing.length === 0 ? undefined : `there is no file of ${missing.join(', ')}`);
  },
});

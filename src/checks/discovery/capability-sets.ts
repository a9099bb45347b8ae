import { stringsOf } from '../../smart/json.ts';
import { defineCheck, judge, skip } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';

const STANDALONE = ['launch-standalone', 'context-standalone-patient', 'permission-patient'];
const CLINICIAN = [
  'launch-ehr',
  'context-ehr-patient',
  'context-ehr-encounter',
  'permission-user',
  'permission-patient',
];

export const capabilitySets = defineCheck({
  meta: {
    id: 'discovery/capability-sets',
    title: 'Both capability sets of (g)(10) are complete',
    severity: 'warn',
    specs: ['SMART 2.2.0 conformance#capability-sets', '45 CFR 170.315(g)(10)(v)(A)'],
    requirements: ['SMART-WK-026', 'G10-012'],
    inferno: ['1.8.05', '3.7.05'],
    needs: { config: configurationBody },
    fix: 'Support and list every capability of "Patient Access for Standalone Apps" and "Clinician Access for EHR Launch".',
  },
  judge({ config: { body } }) {
    const listed = new Set(stringsOf(body['capabilities']));
    if (listed.size === 0)
      return skip('no capabilities are listed (discovery/capabilities-listed judges that)');
    const client = listed.has('client-public') || listed.has('client-confidential-symmetric');
    const missing = [...STANDALONE, ...CLINICIAN].filter((item) => !listed.has(item));
    if (!client) missing.push('client-public or client-confidential-symmetric');
    return judge(missing.length === 0 ? undefined : `missing: ${[...new Set(missing)].join(', ')}`);
  },
});

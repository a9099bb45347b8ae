import { stringsOf } from '../../smart/json.ts';
import { defineCheck, fail, judge, notApplicable } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';
import { ehrSession } from '../evidence/ehr-launch.ts';

export const patientBanner = defineCheck({
  meta: {
    id: 'context/patient-banner',
    title: 'need_patient_banner is a boolean in EHR launches',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#launch-context-arrives-with-your-access_token'],
    requirements: ['SMART-CTX-005'],
    inferno: ['3.8.18'],
    needs: { session: ehrSession, config: configurationBody },
    fix: 'Return need_patient_banner as true or false.',
  },
  judge({ session: { body, at }, config }) {
    if (!stringsOf(config.body['capabilities']).includes('context-banner'))
      return notApplicable('the server does not list context-banner');
    const banner = body['need_patient_banner'];
    if (banner === undefined) return fail('need_patient_banner is missing', { at: [at] });
    return judge(
      typeof banner === 'boolean' ? undefined : `need_patient_banner is ${JSON.stringify(banner)}`,
      { at: [at] },
    );
  },
});

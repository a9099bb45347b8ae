import { defineCheck, judge, notApplicable } from '../check.ts';
import { session } from '../evidence/standalone.ts';
import { grantedScopes, NO_SCOPE } from '../granted.ts';

export const patientPresent = defineCheck({
  meta: {
    id: 'context/patient-present',
    title: 'A granted patient/ scope names its patient',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#launch-context-arrives-with-your-access_token'],
    requirements: ['SMART-CTX-001', 'SMART-AUTHZ-023'],
    inferno: ['1.9.11'],
    needs: { session },
    fix: 'Return "patient" with the token whenever a patient/ scope is granted.',
  },
  judge({ session: { body, at } }) {
    const granted = grantedScopes(body);
    if (granted === undefined) return NO_SCOPE;
    if (!granted.some((word) => word.startsWith('patient/')))
      return notApplicable('no patient/ scope was granted');
    return judge(
      typeof body['patient'] === 'string' && body['patient'] !== ''
        ? undefined
        : 'patient/ scopes were granted but no patient came',
      { at: [at] },
    );
  },
});

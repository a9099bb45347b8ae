import { defineCheck, fail, judge } from '../check.ts';
import { sayOutcome } from '../evidence/authorize.ts';
import { denial } from '../evidence/denial.ts';

export const denialCheck = defineCheck({
  meta: {
    id: 'launch/denial',
    title: 'A user who refuses sends the app error=access_denied',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-4-authorization-code response', 'RFC 6749 4.1.2.1'],
    requirements: ['SMART-AUTHZ-018', 'G10-027'],
    inferno: [],
    needs: { denial },
    fix: 'Redirect with error=access_denied when the user presses Deny.',
  },
  judge({ denial: { outcome } }) {
    if (outcome.kind === 'code')
      return fail('a code came although the user refused', { at: outcome.at.slice(-1) });
    return judge(
      outcome.oauthError === 'access_denied' ? undefined : `the refusal led to ${sayOutcome(outcome)}`,
      { at: outcome.at.slice(-1) },
    );
  },
});

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
    fix: 'Redirect with error=access_denied and state when the user presses Deny.',
  },
  judge({ denial: { outcome, stateSent } }) {
    if (outcome.kind === 'code')
      return fail('a code came although the user refused', { at: outcome.at.slice(-1) });
    if (outcome.oauthError !== 'access_denied')
      return fail(`the refusal led to ${sayOutcome(outcome)}`, { at: outcome.at.slice(-1) });
    return judge(
      outcome.stateBack === stateSent ? undefined : 'access_denied came without the state of the request',
    );
  },
});

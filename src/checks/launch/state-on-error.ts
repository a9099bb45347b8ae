import { defineCheck, judge, skip } from '../check.ts';
import { alteredRequests } from '../evidence/altered-requests.ts';
import type { AuthorizeOutcome } from '../evidence/authorize.ts';
import { denial } from '../evidence/denial.ts';

export const stateOnError = defineCheck({
  meta: {
    id: 'launch/state-on-error',
    title: 'state comes back unchanged with an error',
    severity: 'error',
    specs: ['RFC 6749 4.1.2.1'],
    requirements: ['SMART-AUTHZ-008'],
    inferno: [],
    needs: { requests: alteredRequests, denial },
    fix: 'Add the state of the request, correctly encoded, to every error redirect.',
  },
  judge({ requests: { errorState }, denial }) {
    const redirects = [errorState, { sent: denial.stateSent, outcome: denial.outcome }].filter(
      ({ outcome }) => outcome.kind === 'error',
    );
    if (redirects.length === 0) return skip('no failing request was answered by an error redirect');
    const wrong = redirects.find(({ sent, outcome }) => outcome.stateBack !== sent);
    return judge(wrong === undefined ? undefined : problem(wrong.outcome), {
      at: wrong?.outcome.at.slice(-1) ?? [],
    });
  },
});

function problem({ oauthError, stateBack }: AuthorizeOutcome): string {
  return stateBack === null
    ? `error=${oauthError} came without state`
    : `state came back changed with error=${oauthError}`;
}

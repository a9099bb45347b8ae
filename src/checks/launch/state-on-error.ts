import { defineCheck, fail, judge, skip } from '../check.ts';
import { alteredRequests } from '../evidence/altered-requests.ts';

export const stateOnError = defineCheck({
  meta: {
    id: 'launch/state-on-error',
    title: 'state comes back unchanged with an error',
    severity: 'error',
    specs: ['RFC 6749 4.1.2.1'],
    requirements: ['SMART-AUTHZ-008'],
    inferno: [],
    needs: { requests: alteredRequests },
    fix: 'Add the state of the request, correctly encoded, to every error redirect.',
  },
  judge({ requests: { errorState } }) {
    const { sent, outcome } = errorState;
    if (outcome.kind !== 'error') return skip('the failing request was not answered by an error redirect');
    if (outcome.stateBack === null)
      return fail('the error redirect has no state', { at: outcome.at.slice(-1) });
    return judge(
      outcome.stateBack === sent ? undefined : 'state with reserved characters came back changed',
      { at: outcome.at.slice(-1) },
    );
  },
});

import { defineCheck, judge, skip } from '../check.ts';
import { refreshMisuse } from '../evidence/refresh.ts';
import { tokenNotRefused } from '../refusals.ts';

export const clientBound = defineCheck({
  meta: {
    id: 'refresh/client-bound',
    title: 'A refresh token works for its client only',
    severity: 'error',
    specs: ['RFC 6749 6, 10.4'],
    requirements: ['SMART-REFRESH-005'],
    inferno: [],
    needs: { misuse: refreshMisuse },
    fix: 'Bind each refresh token to its client.',
  },
  judge({ misuse: { otherClient } }) {
    if (otherClient === null) return skip('needs a second client with launch: standalone and kind: public');
    const problem = tokenNotRefused(otherClient);
    return judge(problem === undefined ? undefined : `another client's refresh ${problem}`, {
      at: [otherClient.at],
    });
  },
});

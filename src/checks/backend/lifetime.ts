import { defineCheck, judge, skip } from '../check.ts';
import { backendSession } from '../evidence/backend.ts';

export const lifetime = defineCheck({
  meta: {
    id: 'backend/lifetime',
    title: 'Backend tokens are short-lived',
    severity: 'info',
    specs: ['SMART 2.2.0 backend-services#response-1'],
    requirements: ['SMART-BACKEND-003'],
    inferno: [],
    needs: { session: backendSession },
    fix: 'Issue backend tokens of 300 seconds.',
  },
  judge({ session: { body, at } }) {
    const seconds = body['expires_in'];
    if (typeof seconds !== 'number') return skip('expires_in is not known (backend/response judges that)');
    return judge(seconds <= 300 ? undefined : `the token lives ${seconds} seconds; 300 are recommended`, {
      at: [at],
    });
  },
});

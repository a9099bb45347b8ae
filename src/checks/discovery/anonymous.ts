import { defineCheck, fail, judge } from '../check.ts';
import { wellKnown } from '../evidence/well-known.ts';

export const anonymous = defineCheck({
  meta: {
    id: 'discovery/anonymous',
    title: 'The SMART configuration needs no credentials',
    severity: 'error',
    specs: ['SMART 2.1.0+ app-launch#considerations-for-cross-origin-resource-sharing-cors-support'],
    requirements: ['SMART-WK-003'],
    inferno: ['1.8.01', '3.7.01'],
    needs: { wellKnown },
    fix: 'Leave the document out of token checks, subscription keys and login redirects.',
  },
  judge({ wellKnown: { answer } }) {
    if (answer.status === 401 || answer.status === 403)
      return fail(`was refused with ${answer.status}`, { at: [answer.at] });
    const redirected = answer.status >= 300 && answer.status < 400;
    return judge(redirected ? `was redirected with ${answer.status} instead of answered` : undefined);
  },
});

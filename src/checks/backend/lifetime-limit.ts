import { defineCheck, judge } from '../check.ts';
import { assertionMisuse } from '../evidence/assertion-misuse.ts';
import { tokenNotRefused } from '../refusals.ts';

export const lifetimeLimit = defineCheck({
  meta: {
    id: 'backend/lifetime-limit',
    title: 'An assertion that lives longer than five minutes is refused',
    severity: 'warn',
    specs: ['SMART 2.2.0 client-confidential-asymmetric#authenticating-to-the-token-endpoint'],
    requirements: ['SMART-ASYM-008'],
    inferno: [],
    needs: { misuse: assertionMisuse },
    fix: 'Refuse assertions whose exp is more than five minutes ahead.',
  },
  judge({ misuse: { tooLong } }) {
    const problem = tokenNotRefused(tooLong);
    return judge(problem === undefined ? undefined : `an assertion valid for an hour ${problem}`, {
      at: [tooLong.at],
    });
  },
});

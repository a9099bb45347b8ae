import { defineCheck, judge, skip } from '../check.ts';
import { assertionMisuse } from '../evidence/assertion-misuse.ts';
import { say } from '../evidence/seen.ts';
import { tokenNotRefused } from '../refusals.ts';

export const jtiReplay = defineCheck({
  meta: {
    id: 'backend/jti-replay',
    title: 'An assertion works once',
    severity: 'error',
    specs: ['SMART 2.2.0 client-confidential-asymmetric#signature-verification', 'RFC 7523 3 item 7'],
    requirements: ['SMART-ASYM-010'],
    inferno: [],
    needs: { misuse: assertionMisuse },
    fix: 'Remember jti until the assertion expires and refuse it the second time.',
  },
  judge({ misuse: { firstUse, replay } }) {
    if (firstUse.status !== 200) return skip(`the assertion did not work the first time: ${say(firstUse)}`);
    const problem = tokenNotRefused(replay);
    return judge(problem === undefined ? undefined : `the same assertion a second time ${problem}`, {
      at: [replay.at],
    });
  },
});

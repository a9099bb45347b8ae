import { defineCheck, judge, skip } from '../check.ts';
import { codeReuse } from '../evidence/code-redemption.ts';
import { accessNotRefused } from '../refusals.ts';

export const codeReuseRevokes = defineCheck({
  meta: {
    id: 'token/code-reuse-revokes',
    title: 'A replayed code ends the session it began',
    severity: 'warn',
    specs: ['RFC 6749 4.1.2'],
    requirements: ['SMART-TOKEN-016'],
    inferno: [],
    needs: { reuse: codeReuse },
    fix: 'Revoke the tokens of the first redemption when its code comes again.',
  },
  judge({ reuse: { second, readAfter } }) {
    if (second.tokenCame) return skip('the code worked twice (token/code-single-use judges that)');
    if (readAfter === null) return skip('the first redemption gave no readable session');
    return judge(
      accessNotRefused(readAfter) === undefined
        ? undefined
        : 'the first access token still works after the replay',
      { at: [readAfter.at] },
    );
  },
});

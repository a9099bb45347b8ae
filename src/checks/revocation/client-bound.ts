import { defineCheck, judge, skip } from '../check.ts';
import { revocation } from '../evidence/revocation.ts';
import { say } from '../evidence/seen.ts';

export const clientBound = defineCheck({
  meta: {
    id: 'revocation/client-bound',
    title: 'A client cannot revoke the tokens of another',
    severity: 'error',
    specs: ['RFC 7009 2.1, 2.2'],
    requirements: ['OAUTH-REVOKE-004'],
    inferno: [],
    needs: { revocation },
    fix: 'Compare the client of the token with the caller.',
  },
  judge({ revocation: { readBefore, byOtherClient, readAfterOther } }) {
    if (byOtherClient === null || readAfterOther === null)
      return skip('needs a second client with kind: public');
    if (readBefore.status !== 200) return skip(`the token did not work before: ${say(readBefore)}`);
    return judge(
      readAfterOther.status === 200
        ? undefined
        : `another client ended the session (its request was answered ${say(byOtherClient)})`,
      { at: [byOtherClient.at, readAfterOther.at] },
    );
  },
});

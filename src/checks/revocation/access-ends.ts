import { defineCheck, judge, skip } from '../check.ts';
import { revocation } from '../evidence/revocation.ts';
import { say } from '../evidence/seen.ts';

export const accessEnds = defineCheck({
  meta: {
    id: 'revocation/access-ends',
    title: 'A revoked access token is refused by the FHIR server',
    severity: 'error',
    specs: ['RFC 7009 2.1, 2.2'],
    requirements: ['OAUTH-REVOKE-001', 'G10-023'],
    inferno: ['9.3.02'],
    needs: { revocation },
    fix: 'Look up revocation on every FHIR request.',
  },
  judge({ revocation: { readBefore, answer, readAfter } }) {
    if (readBefore.status !== 200) return skip(`the token did not work before: ${say(readBefore)}`);
    if (answer.status !== 200)
      return skip('the revocation was not accepted (revocation/accepted judges that)');
    return judge(
      readAfter.status === 401 ? undefined : `after revocation a read was answered ${say(readAfter)}`,
      { at: [readAfter.at] },
    );
  },
});

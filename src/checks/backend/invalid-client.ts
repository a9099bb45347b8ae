import { defineCheck, judge, skip } from '../check.ts';
import { assertionMisuse } from '../evidence/assertion-misuse.ts';
import { oauthError, say } from '../evidence/seen.ts';
import { tokenNotRefused } from '../refusals.ts';

export const invalidClient = defineCheck({
  meta: {
    id: 'backend/invalid-client',
    title: 'Failed client authentication gets invalid_client',
    severity: 'error',
    specs: ['RFC 6749 5.2', 'SMART 2.2.0 client-confidential-asymmetric'],
    requirements: ['SMART-ASYM-019'],
    inferno: [],
    needs: { misuse: assertionMisuse },
    fix: 'Answer 400 or 401 with {"error":"invalid_client"}.',
  },
  judge({ misuse: { wrongSignature } }) {
    if (tokenNotRefused(wrongSignature) !== undefined)
      return skip('the foreign signature was not refused (backend/wrong-signature judges that)');
    return judge(
      oauthError(wrongSignature) === 'invalid_client'
        ? undefined
        : `a foreign signature was answered ${say(wrongSignature)}`,
      { at: [wrongSignature.at] },
    );
  },
});

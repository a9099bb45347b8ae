import { defineCheck, judge, skip } from '../check.ts';
import { say } from '../evidence/seen.ts';
import { wrongTokens } from '../evidence/wrong-tokens.ts';

export const idTokenRefused = defineCheck({
  meta: {
    id: 'fhir/id-token-refused',
    title: 'An ID token is no access token',
    severity: 'error',
    specs: ['RFC 8725 3.11', 'RFC 9068 4'],
    requirements: ['OAUTH-SEC-010'],
    inferno: [],
    needs: { tokens: wrongTokens },
    fix: 'Check the audience of every token.',
  },
  judge({ tokens: { idToken } }) {
    if (idToken === null) return skip('the session has no ID token (token/id-token-issued judges that)');
    return judge(idToken.status === 401 ? undefined : `it was answered ${say(idToken)}`, {
      at: [idToken.at],
    });
  },
});

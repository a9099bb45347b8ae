import { defineCheck, judge } from '../check.ts';
import { say } from '../evidence/seen.ts';
import { wrongTokens } from '../evidence/wrong-tokens.ts';

export const tokenInQuery = defineCheck({
  meta: {
    id: 'fhir/token-in-query',
    title: 'A token in the URL is not accepted',
    severity: 'error',
    specs: ['RFC 6750 2.3', 'RFC 9700 4.3.2'],
    requirements: ['OAUTH-SEC-014'],
    inferno: [],
    needs: { tokens: wrongTokens },
    fix: 'Take tokens from the Authorization header only.',
  },
  judge({ tokens: { inQuery } }) {
    return judge([400, 401, 403].includes(inQuery.status) ? undefined : `it was answered ${say(inQuery)}`, {
      at: [inQuery.at],
    });
  },
});

import { defineCheck, judge } from '../check.ts';
import { say } from '../evidence/seen.ts';
import { wrongTokens } from '../evidence/wrong-tokens.ts';

export const tamperedToken = defineCheck({
  meta: {
    id: 'fhir/tampered-token',
    title: 'A changed token is refused',
    severity: 'error',
    specs: ['RFC 8725 3.1', 'RFC 6750 3.1'],
    requirements: ['OAUTH-SEC-010', 'OAUTH-RS-002'],
    inferno: [],
    needs: { tokens: wrongTokens },
    fix: 'Verify the signature of every token.',
  },
  judge({ tokens: { tampered } }) {
    return judge(tampered.status === 401 ? undefined : `it was answered ${say(tampered)}`, {
      at: [tampered.at],
    });
  },
});

import { defineCheck, judge, skip } from '../check.ts';
import { anonymousAccess } from '../evidence/anonymous-access.ts';

export const bearerChallenge = defineCheck({
  meta: {
    id: 'fhir/bearer-challenge',
    title: 'A refusal carries a Bearer challenge',
    severity: 'error',
    specs: ['RFC 6750 3', 'RFC 9110 11.6.1'],
    requirements: ['OAUTH-RS-001'],
    inferno: [],
    needs: { access: anonymousAccess },
    fix: 'Send WWW-Authenticate: Bearer with every 401.',
  },
  judge({ access: { noToken } }) {
    if (noToken.status !== 401)
      return skip('the read was not refused with 401 (fhir/token-required judges that)');
    const challenge = noToken.headers['www-authenticate'];
    return judge(
      challenge !== undefined && /^bearer\b/i.test(challenge)
        ? undefined
        : `WWW-Authenticate is ${challenge ?? 'missing'}`,
      { at: [noToken.at] },
    );
  },
});

import { defineCheck, judge, skip } from '../check.ts';
import { anonymousAccess } from '../evidence/anonymous-access.ts';

export const invalidTokenNamed = defineCheck({
  meta: {
    id: 'fhir/invalid-token-named',
    title: 'A refused token is called invalid_token',
    severity: 'warn',
    specs: ['RFC 6750 3.1'],
    requirements: ['OAUTH-RS-002'],
    inferno: [],
    needs: { access: anonymousAccess },
    fix: 'Send WWW-Authenticate: Bearer error="invalid_token".',
  },
  judge({ access: { garbageToken } }) {
    if (garbageToken.status !== 401)
      return skip('the token was not refused with 401 (fhir/garbage-token judges that)');
    return judge(
      /invalid_token/.test(garbageToken.headers['www-authenticate'] ?? '')
        ? undefined
        : `WWW-Authenticate is ${garbageToken.headers['www-authenticate'] ?? 'missing'}`,
      { at: [garbageToken.at] },
    );
  },
});

import { defineCheck, judge } from '../check.ts';
import { anonymousAccess } from '../evidence/anonymous-access.ts';
import { say } from '../evidence/seen.ts';

export const garbageToken = defineCheck({
  meta: {
    id: 'fhir/garbage-token',
    title: 'A token that is none is refused with 401',
    severity: 'error',
    specs: ['RFC 6750 3.1'],
    requirements: ['OAUTH-RS-002', 'OAUTH-SEC-010'],
    inferno: ['9.3.02'],
    needs: { access: anonymousAccess },
    fix: 'Answer 401 with error="invalid_token".',
  },
  judge({ access: { garbageToken } }) {
    return judge(garbageToken.status === 401 ? undefined : `it was answered ${say(garbageToken)}`, {
      at: [garbageToken.at],
    });
  },
});

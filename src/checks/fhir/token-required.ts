import { defineCheck, judge } from '../check.ts';
import { anonymousAccess } from '../evidence/anonymous-access.ts';
import { say } from '../evidence/seen.ts';

export const tokenRequired = defineCheck({
  meta: {
    id: 'fhir/token-required',
    title: 'A read without token is refused with 401',
    severity: 'error',
    specs: ['RFC 6750 3', 'SMART 2.2.0 app-launch#step-6-fhir-api'],
    requirements: ['OAUTH-RS-001', 'OAUTH-RS-007'],
    inferno: ['1.9.10', '3.8.12'],
    needs: { access: anonymousAccess },
    fix: 'Answer 401 to FHIR requests without token.',
  },
  judge({ access: { noToken } }) {
    return judge(noToken.status === 401 ? undefined : `it was answered ${say(noToken)}`, {
      at: [noToken.at],
    });
  },
});

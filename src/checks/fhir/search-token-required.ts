import { defineCheck, judge } from '../check.ts';
import { anonymousAccess } from '../evidence/anonymous-access.ts';
import { say } from '../evidence/seen.ts';

export const searchTokenRequired = defineCheck({
  meta: {
    id: 'fhir/search-token-required',
    title: 'A search without token is refused with 401',
    severity: 'error',
    specs: ['RFC 6750 3'],
    requirements: ['OAUTH-RS-001'],
    inferno: [],
    needs: { access: anonymousAccess },
    fix: 'Answer 401 to FHIR requests without token.',
  },
  judge({ access: { search } }) {
    return judge(search.status === 401 ? undefined : `it was answered ${say(search)}`, { at: [search.at] });
  },
});

import { defineCheck, fail, judge } from '../check.ts';
import { backendRequests } from '../evidence/backend.ts';
import { say } from '../evidence/seen.ts';
import { tokenNotRefused } from '../refusals.ts';

export const grantType = defineCheck({
  meta: {
    id: 'backend/grant-type',
    title: 'Another grant_type with a good assertion gets 400',
    severity: 'error',
    specs: ['SMART 2.2.0 backend-services#request-1'],
    requirements: ['SMART-BACKEND-008', 'SMART-TOKEN-022'],
    inferno: ['8.1.02'],
    needs: { requests: backendRequests },
    fix: 'Answer 400 with {"error":"unsupported_grant_type"}.',
  },
  judge({ requests: { wrongGrant } }) {
    const problem = tokenNotRefused(wrongGrant);
    if (problem !== undefined) return fail(`another grant_type ${problem}`, { at: [wrongGrant.at] });
    return judge(
      wrongGrant.status === 400 ? undefined : `another grant_type was answered ${say(wrongGrant)}`,
      { at: [wrongGrant.at] },
    );
  },
});

import { defineCheck, judge, skip } from '../check.ts';
import { refreshed } from '../evidence/refresh.ts';
import { say } from '../evidence/seen.ts';

export const tokenWorks = defineCheck({
  meta: {
    id: 'refresh/token-works',
    title: 'The refreshed token reads the same patient',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-7-refresh'],
    requirements: ['SMART-REFRESH-006'],
    inferno: ['1.6.05'],
    needs: { refreshed },
    fix: 'Keep user, patient context and audience on refresh.',
  },
  judge({ refreshed: { plain, read } }) {
    if (plain.status !== 200) return skip('the refresh failed (refresh/response judges that)');
    if (read === null)
      return skip(
        'the session has no patient to read (context/patient-present and context/patient-bare-id judge that)',
      );
    return judge(read.status === 200 ? undefined : `reading the patient was answered ${say(read)}`, {
      at: [read.at],
    });
  },
});

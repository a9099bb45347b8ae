import { defineCheck, fail, judge, skip } from '../check.ts';
import { exportKickOff } from '../evidence/bulk-export.ts';
import { target } from '../evidence/target.ts';

export const contentLocation = defineCheck({
  meta: {
    id: 'bulk/content-location',
    title: 'Content-Location is an absolute URL of the public host',
    severity: 'error',
    specs: ['Bulk Data 2.0.0 export#bulk-data-kick-off-request'],
    requirements: ['BULK-KICKOFF-002'],
    inferno: [],
    needs: { kickOff: exportKickOff, target },
    fix: 'Publish the status URL below the public FHIR base; a raw backend address would bypass the gateway.',
  },
  judge({ kickOff: { contentLocation, answer }, target }) {
    if (contentLocation === null) return skip('there is no Content-Location (bulk/kick-off judges that)');
    if (!URL.canParse(contentLocation)) return fail('Content-Location is not absolute', { at: [answer.at] });
    const [there, here] = [new URL(contentLocation).host, new URL(target.fhirUrl).host];
    return judge(there === here ? undefined : `the status URL is on ${there}`, { at: [answer.at] });
  },
});

import { isObject } from '../../smart/json.ts';
import { defineCheck, judge, skip } from '../check.ts';
import { exportStatus } from '../evidence/bulk-export.ts';
import { target } from '../evidence/target.ts';

export const publicRequestUrl = defineCheck({
  meta: {
    id: 'bulk/public-request-url',
    title: 'The manifest repeats the kick-off URL under the public host',
    severity: 'error',
    specs: ['Bulk Data 2.0.0 export#response---complete-status'],
    requirements: ['BULK-MANIFEST-002'],
    inferno: [],
    needs: { status: exportStatus, target },
    fix: 'Rewrite "request" to the URL the client used.',
  },
  judge({ status: { answer }, target }) {
    const request = isObject(answer.json) ? answer.json['request'] : undefined;
    if (typeof request !== 'string') return skip('the manifest has no request (bulk/manifest judges that)');
    return judge(
      request.startsWith(target.fhirUrl.replace(/\/+$/, '')) ? undefined : `request is ${request}`,
      { at: [answer.at] },
    );
  },
});

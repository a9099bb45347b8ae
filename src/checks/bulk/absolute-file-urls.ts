import { isObject, objectsOf } from '../../smart/json.ts';
import { defineCheck, judge, skip } from '../check.ts';
import { exportStatus } from '../evidence/bulk-export.ts';

export const absoluteFileUrls = defineCheck({
  meta: {
    id: 'bulk/absolute-file-urls',
    title: 'Every file URL is absolute',
    severity: 'error',
    specs: ['Bulk Data 2.0.0 export#response---complete-status'],
    requirements: ['BULK-MANIFEST-004'],
    inferno: ['8.2.06'],
    needs: { status: exportStatus },
    fix: 'Publish absolute file URLs.',
  },
  judge({ status: { answer } }) {
    const items = isObject(answer.json) ? objectsOf(answer.json['output']) : [];
    if (items.length === 0) return skip('the manifest lists no files');
    const wrong = items.filter(
      (item) => typeof item['url'] !== 'string' || !/^https?:\/\//.test(item['url']),
    );
    return judge(
      wrong.length === 0 ? undefined : `${wrong.length} of ${items.length} file URLs are not absolute`,
      { at: [answer.at] },
    );
  },
});

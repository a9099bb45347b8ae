import { isObject, objectsOf } from '../../smart/json.ts';
import { defineCheck, fail, judge } from '../check.ts';
import { exportStatus } from '../evidence/bulk-export.ts';
import { mediaType, say } from '../evidence/seen.ts';

export const manifest = defineCheck({
  meta: {
    id: 'bulk/manifest',
    title: 'A finished export has a complete manifest',
    severity: 'error',
    specs: ['Bulk Data 2.0.0 export#response---complete-status'],
    requirements: [
      'BULK-STATUS-004',
      'BULK-MANIFEST-001',
      'BULK-MANIFEST-003',
      'BULK-MANIFEST-004',
      'BULK-MANIFEST-005',
    ],
    inferno: ['8.2.05', '8.2.06'],
    needs: { status: exportStatus },
    fix: 'Return transactionTime, request, requiresAccessToken, output and error as application/json.',
  },
  judge({ status: { answer } }) {
    if (answer.status !== 200 || !isObject(answer.json))
      return fail(`the finished export was answered ${say(answer)}`, { at: [answer.at] });
    const body = answer.json;
    const missing = [
      ...(mediaType(answer) === 'application/json' ? [] : ['Content-Type: application/json']),
      ...(typeof body['transactionTime'] === 'string' && !Number.isNaN(Date.parse(body['transactionTime']))
        ? []
        : ['transactionTime']),
      ...(typeof body['request'] === 'string' ? [] : ['request']),
      ...(typeof body['requiresAccessToken'] === 'boolean' ? [] : ['requiresAccessToken']),
      ...(Array.isArray(body['output']) &&
      objectsOf(body['output']).every(
        (item) => typeof item['type'] === 'string' && typeof item['url'] === 'string',
      )
        ? []
        : ['output']),
      ...(Array.isArray(body['error']) ? [] : ['error']),
    ];
    return judge(missing.length === 0 ? undefined : `missing or malformed: ${missing.join(', ')}`, {
      at: [answer.at],
    });
  },
});

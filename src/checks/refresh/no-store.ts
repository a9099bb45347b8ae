import { defineCheck, fail, judge, skip } from '../check.ts';
import { refreshed } from '../evidence/refresh.ts';

export const noStore = defineCheck({
  meta: {
    id: 'refresh/no-store',
    title: 'Refresh responses forbid caching',
    severity: 'error',
    specs: ['RFC 6749 5.1'],
    requirements: ['SMART-REFRESH-002'],
    inferno: [],
    needs: { refreshed },
    fix: 'Send Cache-Control: no-store and Pragma: no-cache.',
  },
  judge({ refreshed: { plain } }) {
    if (plain.status !== 200) return skip('the refresh failed (refresh/response judges that)');
    const { headers } = plain;
    if (!/\bno-store\b/i.test(headers['cache-control'] ?? ''))
      return fail('Cache-Control: no-store is missing', { at: [plain.at] });
    return judge(/\bno-cache\b/i.test(headers['pragma'] ?? '') ? undefined : 'Pragma: no-cache is missing', {
      at: [plain.at],
    });
  },
});

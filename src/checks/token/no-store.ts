import { defineCheck, fail, judge } from '../check.ts';
import { session } from '../evidence/standalone.ts';

export const noStore = defineCheck({
  meta: {
    id: 'token/no-store',
    title: 'Token responses forbid caching',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-5-access-token', 'RFC 6749 5.1'],
    requirements: ['SMART-TOKEN-008'],
    inferno: ['1.9.07', '2.4.07', '3.8.09'],
    needs: { session },
    fix: 'Send Cache-Control: no-store and Pragma: no-cache.',
  },
  judge({ session: { headers } }) {
    const control = headers['cache-control'] ?? '';
    if (!/\bno-store\b/i.test(control))
      return fail(`Cache-Control is ${control === '' ? 'missing' : `"${control}"`}`);
    return judge(/\bno-cache\b/i.test(headers['pragma'] ?? '') ? undefined : 'Pragma: no-cache is missing');
  },
});

import { defineCheck, judge } from '../check.ts';
import { session } from '../evidence/standalone.ts';

export const mediaType = defineCheck({
  meta: {
    id: 'token/media-type',
    title: 'The token response is application/json',
    severity: 'error',
    specs: ['RFC 6749 5.1'],
    requirements: ['SMART-TOKEN-001'],
    inferno: ['1.9.05'],
    needs: { session },
    fix: 'Send Content-Type: application/json.',
  },
  judge({ session: { headers } }) {
    const type = headers['content-type'] ?? 'missing';
    return judge(/^application\/json\b/i.test(type) ? undefined : `Content-Type is ${type}`);
  },
});

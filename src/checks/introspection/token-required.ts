import { defineCheck, judge } from '../check.ts';
import { introspection } from '../evidence/introspection.ts';
import { say } from '../evidence/seen.ts';

export const tokenRequired = defineCheck({
  meta: {
    id: 'introspection/token-required',
    title: 'A request without token gets 400',
    severity: 'error',
    specs: ['SMART 2.2.0 token-introspection', 'RFC 7662 2.2'],
    requirements: ['SMART-INTROSPECT-013'],
    inferno: [],
    needs: { introspection },
    fix: 'Answer 400 {"error":"invalid_request"} when token is missing.',
  },
  judge({ introspection: { noToken } }) {
    return judge(
      noToken.status === 400 ? undefined : `a request without token was answered ${say(noToken)}`,
      { at: [noToken.at] },
    );
  },
});

import { defineCheck, fail, judge } from '../check.ts';
import { forwardedHeaders } from '../evidence/hostile-input.ts';

export const forwardedHost = defineCheck({
  meta: {
    id: 'security/forwarded-host',
    title: 'Forwarding headers do not change published URLs',
    severity: 'error',
    specs: ['RFC 9700 4.13'],
    requirements: ['OAUTH-SEC-013'],
    inferno: [],
    needs: { forwarded: forwardedHeaders },
    fix: 'Build URLs from configuration; drop X-Forwarded-* of clients at the gateway.',
  },
  judge({ forwarded: { namesForeignHost, status, at } }) {
    if (status >= 500) return fail(`the request was answered ${status}`, { at: [at] });
    return judge(namesForeignHost ? 'the configuration names the host that a header claimed' : undefined, {
      at: [at],
    });
  },
});

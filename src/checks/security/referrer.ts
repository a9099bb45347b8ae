import { defineCheck, judge, notApplicable } from '../check.ts';
import { standaloneAuthorization } from '../evidence/standalone.ts';

export const referrer = defineCheck({
  meta: {
    id: 'security/referrer',
    title: 'Sign-in pages do not leak their address',
    severity: 'warn',
    specs: ['RFC 9700 4.2.4'],
    requirements: ['OAUTH-SEC-005'],
    inferno: [],
    needs: { launch: standaloneAuthorization },
    fix: 'Send Referrer-Policy: no-referrer with every page.',
  },
  judge({ launch: { pages } }) {
    if (pages.length === 0) return notApplicable('the launch showed no page');
    const leaking = pages.filter(
      (page) =>
        !/no-referrer|same-origin|strict-origin|origin/i.test(page.referrerPolicy ?? '') ||
        /unsafe-url/i.test(page.referrerPolicy ?? ''),
    );
    return judge(
      leaking.length === 0
        ? undefined
        : `no Referrer-Policy on ${[...new Set(leaking.map((page) => page.url))].join(', ')}`,
      { at: leaking.map((page) => page.at) },
    );
  },
});

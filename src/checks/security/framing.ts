import { defineCheck, judge, notApplicable } from '../check.ts';
import { standaloneAuthorization } from '../evidence/standalone.ts';

export const framing = defineCheck({
  meta: {
    id: 'security/framing',
    title: 'Sign-in pages cannot be framed',
    severity: 'error',
    specs: ['RFC 9700 4.16', 'RFC 6749 10.13'],
    requirements: ['OAUTH-SEC-004'],
    inferno: [],
    needs: { launch: standaloneAuthorization },
    fix: "Send Content-Security-Policy: frame-ancestors 'none' (or X-Frame-Options: DENY) with every page.",
  },
  judge({ launch: { pages } }) {
    if (pages.length === 0) return notApplicable('the launch showed no page');
    const open = pages.filter(
      (page) =>
        !/^(deny|sameorigin)$/i.test(page.frameOptions ?? '') &&
        !/frame-ancestors\s/i.test(page.contentSecurityPolicy ?? ''),
    );
    return judge(
      open.length === 0
        ? undefined
        : `no protection on ${[...new Set(open.map((page) => page.url))].join(', ')}`,
      { at: open.map((page) => page.at) },
    );
  },
});

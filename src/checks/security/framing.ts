import { defineCheck, judge } from '../check.ts';
import type { PageFacts } from '../evidence/pages.ts';
import { standaloneAuthorization } from '../evidence/standalone.ts';
import { noPages } from '../no-pages.ts';

/** Sources that let everybody in. */
const ANYBODY = /^(\*|https?:(\/\/\*)?)$/;

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
  judge({ launch }) {
    const { pages } = launch;
    if (pages.length === 0) return noPages(launch);
    const open = pages.filter((page) => !isProtected(page));
    return judge(
      open.length === 0
        ? undefined
        : `no protection on ${[...new Set(open.map((page) => page.url))].join(', ')}`,
      { at: open.map((page) => page.at) },
    );
  },
});

/** CSP 3, 6.4.2.1: frame-ancestors overrides X-Frame-Options; of several policies every one has to allow. */
function isProtected({ contentSecurityPolicy, frameOptions }: PageFacts): boolean {
  const directives = (contentSecurityPolicy ?? '').split(/[;,]/).map((text) => text.trim().toLowerCase());
  const ancestors = directives.filter((text) => /^frame-ancestors(\s|$)/.test(text));
  if (ancestors.length === 0) return /^(deny|sameorigin)$/i.test(frameOptions ?? '');
  return ancestors.some((text) => !text.split(/\s+/).some((source) => ANYBODY.test(source)));
}

import { defineCheck, judge } from '../check.ts';
import { standaloneAuthorization } from '../evidence/standalone.ts';
import { noPages } from '../no-pages.ts';

/** Policies that never send the query of a page to another origin, where an authorization request may stand. */
const PROTECTIVE: ReadonlySet<string> = new Set([
  'no-referrer',
  'same-origin',
  'origin',
  'strict-origin',
  'origin-when-cross-origin',
  'strict-origin-when-cross-origin',
]);

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
  judge({ launch }) {
    const { pages } = launch;
    if (pages.length === 0) return noPages(launch);
    const leaking = pages.filter((page) => !PROTECTIVE.has(inForce(page.referrerPolicy)));
    return judge(
      leaking.length === 0
        ? undefined
        : `no protective Referrer-Policy on ${[...new Set(leaking.map((page) => page.url))].join(', ')}`,
      { at: leaking.map((page) => page.at) },
    );
  },
});

/** Referrer Policy 4.1: of several policies the last counts. */
function inForce(header: string | null): string {
  return (header ?? '').split(',').at(-1)?.trim().toLowerCase() ?? '';
}

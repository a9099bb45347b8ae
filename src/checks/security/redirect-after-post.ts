import { defineCheck, judge } from '../check.ts';
import { standaloneAuthorization } from '../evidence/standalone.ts';
import { noPages } from '../no-pages.ts';

export const redirectAfterPost = defineCheck({
  meta: {
    id: 'security/redirect-after-post',
    title: 'Forms are never answered with 307 or 308',
    severity: 'error',
    specs: ['RFC 9700 4.12'],
    requirements: ['OAUTH-SEC-003'],
    inferno: [],
    needs: { launch: standaloneAuthorization },
    fix: 'Answer posted forms with 303 or 302.',
  },
  judge({ launch }) {
    const { pages, redirectsAfterPost } = launch;
    if (pages.length === 0) return noPages(launch);
    const wrong = redirectsAfterPost.filter(({ status }) => status === 307 || status === 308);
    return judge(
      wrong.length === 0
        ? undefined
        : `a posted form was answered with ${wrong[0]?.status}, which sends the form on`,
      { at: wrong.map(({ at }) => at) },
    );
  },
});

import { defineCheck, judge, notApplicable } from '../check.ts';
import { standaloneAuthorization } from '../evidence/standalone.ts';

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
  judge({ launch: { pages, redirectsAfterPost } }) {
    if (pages.length === 0) return notApplicable('the launch showed no page');
    const wrong = redirectsAfterPost.filter(({ status }) => status === 307 || status === 308);
    return judge(
      wrong.length === 0
        ? undefined
        : `a posted form was answered with ${wrong[0]?.status}, which sends the form on`,
      { at: wrong.map(({ at }) => at) },
    );
  },
});

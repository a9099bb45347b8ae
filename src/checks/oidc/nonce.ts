import { defineCheck, fail, judge } from '../check.ts';
import { idToken } from '../evidence/id-token.ts';

export const nonce = defineCheck({
  meta: {
    id: 'oidc/nonce',
    title: 'nonce comes back in the ID token',
    severity: 'error',
    specs: ['OpenID Connect Core 1.0 section 3.1.2.1'],
    requirements: ['OIDC-014'],
    inferno: [],
    needs: { token: idToken },
    fix: 'Copy nonce from the authorization request into the ID token.',
  },
  judge({ token: { nonceMatches, at } }) {
    if (nonceMatches === null) return fail('the ID token has no nonce although one was sent', { at: [at] });
    return judge(nonceMatches ? undefined : 'the ID token has another nonce', { at: [at] });
  },
});

import { defineCheck, judge, skip } from '../check.ts';
import { idToken } from '../evidence/id-token.ts';

export const idTokenIssuer = defineCheck({
  meta: {
    id: 'oidc/id-token-issuer',
    title: 'iss of the ID token is the discovered issuer',
    severity: 'error',
    specs: ['OpenID Connect Core 1.0 section 3.1.3.7'],
    requirements: ['OIDC-002'],
    inferno: ['1.11.06'],
    needs: { token: idToken },
    fix: 'Issue ID tokens under the published issuer.',
  },
  judge({ token }) {
    if (typeof token.configuredIssuer !== 'string')
      return skip('the SMART configuration has no issuer (discovery/issuer judges that)');
    return judge(
      token.iss === token.configuredIssuer
        ? undefined
        : `iss is ${String(token.iss)}, discovered was ${token.configuredIssuer}`,
      { at: [token.at] },
    );
  },
});

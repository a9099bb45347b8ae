import { defineCheck, judge } from '../check.ts';
import { idTokenSignature } from '../evidence/id-token.ts';

export const idTokenSignatureCheck = defineCheck({
  meta: {
    id: 'oidc/id-token-signature',
    title: 'The ID token verifies with a published key under RS256',
    severity: 'error',
    specs: [
      'OpenID Connect Core 1.0 section 2',
      'SMART 2.2.0 scopes-and-launch-context#scopes-for-requesting-identity-data',
    ],
    requirements: ['OIDC-009'],
    inferno: ['1.11.05', '1.11.06', '3.10.06'],
    needs: { signature: idTokenSignature },
    fix: 'Sign ID tokens with RS256 and a key of jwks_uri, named by kid.',
  },
  judge({ signature: { problem } }) {
    return judge(problem === null ? undefined : `the signature cannot be believed: ${problem}`);
  },
});

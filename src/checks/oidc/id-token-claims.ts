import { isStringArray } from '../../smart/json.ts';
import { defineCheck, judge } from '../check.ts';
import { idToken } from '../evidence/id-token.ts';

const SUB_LIMIT = 255;

export const idTokenClaims = defineCheck({
  meta: {
    id: 'oidc/id-token-claims',
    title: 'The ID token has its required claims',
    severity: 'error',
    specs: ['OpenID Connect Core 1.0 section 2'],
    requirements: ['OIDC-011', 'OIDC-013'],
    inferno: ['1.11.06', '3.10.06'],
    needs: { token: idToken },
    fix: 'Issue iss, sub, aud, exp and iat; sub of at most 255 characters.',
  },
  judge({ token }) {
    const wrong = [
      ...(typeof token.iss === 'string' ? [] : ['iss']),
      ...(token.subType === 'string' && token.subLength > 0 && token.subLength <= SUB_LIMIT ? [] : ['sub']),
      ...(typeof token.aud === 'string' || isStringArray(token.aud) ? [] : ['aud']),
      ...(typeof token.exp === 'number' ? [] : ['exp']),
      ...(typeof token.iat === 'number' ? [] : ['iat']),
    ];
    return judge(wrong.length === 0 ? undefined : `missing or malformed: ${wrong.join(', ')}`, {
      at: [token.at],
    });
  },
});

import { stringsOf } from '../../smart/json.ts';
import { defineCheck, judge } from '../check.ts';
import { idToken } from '../evidence/id-token.ts';

export const idTokenAudience = defineCheck({
  meta: {
    id: 'oidc/id-token-audience',
    title: 'aud of the ID token contains the client',
    severity: 'error',
    specs: ['OpenID Connect Core 1.0 section 3.1.3.7'],
    requirements: ['OIDC-012'],
    inferno: ['1.11.06'],
    needs: { token: idToken },
    fix: 'Put the client_id of the app into aud.',
  },
  judge({ token }) {
    const audiences = typeof token.aud === 'string' ? [token.aud] : stringsOf(token.aud);
    return judge(audiences.includes(token.clientId) ? undefined : `aud is ${JSON.stringify(token.aud)}`, {
      at: [token.at],
    });
  },
});

import { defineCheck, fail, pass } from '../check.ts';
import { session } from '../evidence/standalone.ts';

/** Characters; header limits of common proxies begin here. */
const LONG = 8192;

export const accessTokenCharacters = defineCheck({
  meta: {
    id: 'token/access-token-characters',
    title: 'The access token has only the characters of RFC 6750',
    severity: 'error',
    specs: ['RFC 6750 2.1'],
    requirements: ['SMART-TOKEN-002'],
    inferno: ['1.9.06'],
    needs: { session },
    fix: 'Issue tokens of letters, digits and -._~+/ with trailing = only.',
  },
  judge({ session: { accessToken } }) {
    if (!accessToken.b64token) return fail('the access token has other characters');
    return pass(
      accessToken.length > LONG
        ? `it has ${accessToken.length} characters; some proxies refuse headers of that size`
        : undefined,
    );
  },
});

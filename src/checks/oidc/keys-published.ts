import { defineCheck, fail, judge } from '../check.ts';
import { keys } from '../evidence/keys.ts';

const RSA_BITS = 2048;

export const keysPublished = defineCheck({
  meta: {
    id: 'oidc/keys-published',
    title: 'jwks_uri serves a set of usable public keys',
    severity: 'error',
    specs: ['OpenID Connect Discovery 1.0 section 3', 'RFC 7517'],
    requirements: ['OIDC-006'],
    inferno: ['1.11.04', '3.10.04'],
    needs: { keys },
    fix: 'Serve {"keys":[…]} with kty, kid and the public members of each key; RSA keys of 2048 bits at least.',
  },
  judge({ keys: { keys: list, answer } }) {
    if (list === null) return fail(`answered ${answer.status} without a JWK Set`, { at: [answer.at] });
    if (list.length === 0) return fail('the set is empty', { at: [answer.at] });
    const wrong = list.findIndex((key) => !key.complete || key.kid === null);
    if (wrong >= 0) return fail(`key ${wrong + 1} lacks kid or public members`, { at: [answer.at] });
    const short = list.find((key) => key.rsaBits !== null && key.rsaBits < RSA_BITS);
    return judge(short === undefined ? undefined : `an RSA key has only ${short.rsaBits} bits`, {
      at: [answer.at],
    });
  },
});

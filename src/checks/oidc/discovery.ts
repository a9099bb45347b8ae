import { isObject } from '../../smart/json.ts';
import { defineCheck, fail, judge } from '../check.ts';
import { openidServed } from '../evidence/openid-configuration.ts';
import { mediaType, say } from '../evidence/seen.ts';

export const discovery = defineCheck({
  meta: {
    id: 'oidc/discovery',
    title: 'The OIDC discovery document is served below the issuer',
    severity: 'error',
    specs: ['OpenID Connect Discovery 1.0 section 4'],
    requirements: ['OIDC-001'],
    inferno: ['1.11.02', '3.10.02'],
    needs: { openid: openidServed },
    fix: 'Serve {issuer}/.well-known/openid-configuration as application/json.',
  },
  judge({ openid: { answer } }) {
    if (answer.status !== 200) return fail(`answered ${say(answer)}`, { at: [answer.at] });
    if (!isObject(answer.json)) return fail('the body is no JSON object', { at: [answer.at] });
    return judge(
      mediaType(answer) === 'application/json'
        ? undefined
        : `Content-Type is ${mediaType(answer) || 'missing'}`,
      { at: [answer.at] },
    );
  },
});

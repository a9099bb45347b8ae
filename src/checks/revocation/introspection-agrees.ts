import { isObject } from '../../smart/json.ts';
import { defineCheck, fail, judge } from '../check.ts';
import { revokedIntrospection } from '../evidence/revocation.ts';
import { say } from '../evidence/seen.ts';

export const introspectionAgrees = defineCheck({
  meta: {
    id: 'revocation/introspection-agrees',
    title: 'Introspection knows of the revocation',
    severity: 'error',
    specs: ['RFC 7009 2.1, 2.2'],
    requirements: ['SMART-INTROSPECT-009', 'OAUTH-REVOKE-001'],
    inferno: ['9.20.3.02'],
    needs: { revokedIntrospection },
    fix: 'Let introspection and revocation share one state.',
  },
  judge({ revokedIntrospection: { answer } }) {
    if (answer.status !== 200 || !isObject(answer.json))
      return fail(`introspection of the revoked token was answered ${say(answer)}`, { at: [answer.at] });
    return judge(answer.json['active'] === false ? undefined : 'the revoked token is still active', {
      at: [answer.at],
    });
  },
});

import { isObject } from '../../smart/json.ts';
import { defineCheck, judge, notApplicable, skip } from '../check.ts';
import { introspection } from '../evidence/introspection.ts';
import { NO_SCOPE } from '../granted.ts';

export const subject = defineCheck({
  meta: {
    id: 'introspection/subject',
    title: 'Introspection repeats iss and sub of the ID token',
    severity: 'error',
    specs: ['SMART 2.2.0 token-introspection', 'RFC 7662 2.2'],
    requirements: ['SMART-INTROSPECT-007'],
    inferno: ['9.20.3.01'],
    needs: { introspection },
    fix: 'Repeat iss and sub exactly as in the ID token.',
  },
  judge({ introspection: { active, expected } }) {
    if (!isObject(active.json) || active.json['active'] !== true)
      return skip('the token is not active (introspection/active judges that)');
    if (expected.scope === '') return NO_SCOPE;

    if (expected.iss === null)
      return expected.scope.split(' ').includes('openid')
        ? skip('no ID token came (token/id-token-issued judges that)')
        : notApplicable('openid was not granted');
    const body = active.json;
    const wrong = (['iss', 'sub'] as const).filter((name) => body[name] !== expected[name]);
    return judge(wrong.length === 0 ? undefined : `missing or different: ${wrong.join(', ')}`, {
      at: [active.at],
    });
  },
});

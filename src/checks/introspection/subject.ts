import { isObject } from '../../smart/json.ts';
import { defineCheck, judge, notApplicable, skip } from '../check.ts';
import { introspection } from '../evidence/introspection.ts';

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

    if (expected.iss === null) return notApplicable('the session has no ID token');
    const body = active.json;
    const wrong = (['iss', 'sub'] as const).filter((name) => body[name] !== expected[name]);
    return judge(wrong.length === 0 ? undefined : `missing or different: ${wrong.join(', ')}`, {
      at: [active.at],
    });
  },
});

import { isObject } from '../../smart/json.ts';
import { defineCheck, judge, skip } from '../check.ts';
import { introspection } from '../evidence/introspection.ts';

export const context = defineCheck({
  meta: {
    id: 'introspection/context',
    title: 'Introspection repeats the launch context',
    severity: 'error',
    specs: ['SMART 2.2.0 token-introspection', 'RFC 7662 2.2'],
    requirements: ['SMART-INTROSPECT-006'],
    inferno: ['9.20.3.01'],
    needs: { introspection },
    fix: 'Repeat patient, encounter and the other context members of the token response.',
  },
  judge({ introspection: { active, expected } }) {
    if (!isObject(active.json) || active.json['active'] !== true)
      return skip('the token is not active (introspection/active judges that)');

    const body = active.json;
    const missing = Object.entries(expected.context).filter(
      ([name, value]) => JSON.stringify(body[name]) !== JSON.stringify(value),
    );
    return judge(
      missing.length === 0 ? undefined : `missing or different: ${missing.map(([name]) => name).join(', ')}`,
      { at: [active.at] },
    );
  },
});

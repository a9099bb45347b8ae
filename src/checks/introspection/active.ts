import { isObject } from '../../smart/json.ts';
import { defineCheck, fail, judge } from '../check.ts';
import { introspection } from '../evidence/introspection.ts';
import { say } from '../evidence/seen.ts';

export const active = defineCheck({
  meta: {
    id: 'introspection/active',
    title: 'A live token is active',
    severity: 'error',
    specs: ['SMART 2.2.0 token-introspection', 'RFC 7662 2.2'],
    requirements: ['SMART-INTROSPECT-002'],
    inferno: ['9.20.2.01', '9.20.3.01'],
    needs: { introspection },
    fix: 'Answer 200 application/json with "active": true for a live token.',
  },
  judge({ introspection: { active } }) {
    if (active.status !== 200 || !isObject(active.json))
      return fail(`a live token was answered ${say(active)}`, { at: [active.at] });
    return judge(
      active.json['active'] === true ? undefined : `active is ${JSON.stringify(active.json['active'])}`,
      { at: [active.at] },
    );
  },
});

import { isObject } from '../../smart/json.ts';
import { defineCheck, fail, judge } from '../check.ts';
import { introspection } from '../evidence/introspection.ts';
import { say } from '../evidence/seen.ts';

export const unknownInactive = defineCheck({
  meta: {
    id: 'introspection/unknown-inactive',
    title: 'An unknown token is inactive',
    severity: 'error',
    specs: ['SMART 2.2.0 token-introspection', 'RFC 7662 2.2'],
    requirements: ['SMART-INTROSPECT-009'],
    inferno: ['9.20.2.02', '9.20.3.02'],
    needs: { introspection },
    fix: 'Answer 200 {"active": false} for tokens the server does not know.',
  },
  judge({ introspection: { unknown } }) {
    if (unknown.status !== 200 || !isObject(unknown.json))
      return fail(`an unknown token was answered ${say(unknown)}`, { at: [unknown.at] });
    return judge(
      unknown.json['active'] === false ? undefined : `active is ${JSON.stringify(unknown.json['active'])}`,
      { at: [unknown.at] },
    );
  },
});

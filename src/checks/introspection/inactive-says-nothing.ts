import { isObject } from '../../smart/json.ts';
import { defineCheck, judge, skip } from '../check.ts';
import { introspection } from '../evidence/introspection.ts';

export const inactiveSaysNothing = defineCheck({
  meta: {
    id: 'introspection/inactive-says-nothing',
    title: 'An inactive answer says nothing else',
    severity: 'warn',
    specs: ['SMART 2.2.0 token-introspection', 'RFC 7662 2.2'],
    requirements: ['SMART-INTROSPECT-010'],
    inferno: ['9.20.3.02'],
    needs: { introspection },
    fix: 'Return only "active" for inactive tokens.',
  },
  judge({ introspection: { unknown } }) {
    if (!isObject(unknown.json) || unknown.json['active'] !== false)
      return skip('no inactive answer came (introspection/unknown-inactive judges that)');
    const extra = Object.keys(unknown.json).filter((name) => name !== 'active');
    return judge(extra.length === 0 ? undefined : `it also has ${extra.join(', ')}`, { at: [unknown.at] });
  },
});

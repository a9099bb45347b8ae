import { isObject } from '../../smart/json.ts';
import { defineCheck, fail, judge, skip } from '../check.ts';
import { introspection } from '../evidence/introspection.ts';

export const exp = defineCheck({
  meta: {
    id: 'introspection/exp',
    title: 'Introspection tells the expiry',
    severity: 'error',
    specs: ['SMART 2.2.0 token-introspection', 'RFC 7662 2.2'],
    requirements: ['SMART-INTROSPECT-005'],
    inferno: ['9.20.3.01'],
    needs: { introspection },
    fix: 'Return exp as an integer, consistent with expires_in.',
  },
  judge({ introspection: { active, expected } }) {
    if (!isObject(active.json) || active.json['active'] !== true)
      return skip('the token is not active (introspection/active judges that)');

    const { exp } = active.json;
    if (typeof exp !== 'number' || !Number.isInteger(exp))
      return fail(`exp is ${JSON.stringify(exp ?? 'missing')}`, { at: [active.at] });
    const distance = expected.exp === null ? 0 : Math.abs(exp - expected.exp);
    return judge(
      distance <= 600 ? undefined : `exp is ${distance} seconds away from what expires_in promised`,
      { at: [active.at] },
    );
  },
});

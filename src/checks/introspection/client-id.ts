import { isObject } from '../../smart/json.ts';
import { defineCheck, judge, skip } from '../check.ts';
import { introspection } from '../evidence/introspection.ts';

export const clientId = defineCheck({
  meta: {
    id: 'introspection/client-id',
    title: 'Introspection names the client',
    severity: 'error',
    specs: ['SMART 2.2.0 token-introspection', 'RFC 7662 2.2'],
    requirements: ['SMART-INTROSPECT-004'],
    inferno: ['9.20.3.01'],
    needs: { introspection },
    fix: 'Return the client_id the app uses.',
  },
  judge({ introspection: { active, expected } }) {
    if (!isObject(active.json) || active.json['active'] !== true)
      return skip('the token is not active (introspection/active judges that)');

    return judge(
      active.json['client_id'] === expected.clientId
        ? undefined
        : `client_id is ${JSON.stringify(active.json['client_id'])}`,
      { at: [active.at] },
    );
  },
});

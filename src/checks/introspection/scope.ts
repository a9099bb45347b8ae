import { isObject } from '../../smart/json.ts';
import { defineCheck, judge, skip } from '../check.ts';
import { introspection } from '../evidence/introspection.ts';
import { NO_SCOPE } from '../granted.ts';

export const scope = defineCheck({
  meta: {
    id: 'introspection/scope',
    title: 'Introspection repeats the granted scopes',
    severity: 'error',
    specs: ['SMART 2.2.0 token-introspection', 'RFC 7662 2.2'],
    requirements: ['SMART-INTROSPECT-003'],
    inferno: ['9.20.3.01'],
    needs: { introspection },
    fix: 'Return the scopes of the session, not those of the identity provider.',
  },
  judge({ introspection: { active, expected } }) {
    if (!isObject(active.json) || active.json['active'] !== true)
      return skip('the token is not active (introspection/active judges that)');

    if (expected.scope === '') return NO_SCOPE;
    const sorted = (scope: unknown): string =>
      String(scope ?? '')
        .split(' ')
        .filter((word) => word !== '')
        .sort()
        .join(' ');
    return judge(
      sorted(active.json['scope']) === sorted(expected.scope)
        ? undefined
        : `granted was "${expected.scope}", introspection says "${String(active.json['scope'])}"`,
      { at: [active.at] },
    );
  },
});

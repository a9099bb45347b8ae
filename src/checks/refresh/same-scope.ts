import { isObject } from '../../smart/json.ts';
import { defineCheck, judge, skip } from '../check.ts';
import { refreshed } from '../evidence/refresh.ts';
import { NO_SCOPE } from '../granted.ts';

export const sameScope = defineCheck({
  meta: {
    id: 'refresh/same-scope',
    title: 'A refresh without scope keeps the granted scopes',
    severity: 'error',
    specs: ['RFC 6749 6'],
    requirements: ['SMART-REFRESH-003'],
    inferno: ['1.6.02'],
    needs: { refreshed },
    fix: 'Give the refreshed token the scopes of the session, no more and no less.',
  },
  judge({ refreshed: { plain, originalScope } }) {
    if (originalScope === '') return NO_SCOPE;
    if (plain.status !== 200 || !isObject(plain.json))
      return skip('the refresh failed (refresh/response judges that)');
    const sorted = (scope: unknown): string =>
      String(scope ?? '')
        .split(' ')
        .filter((word) => word !== '')
        .sort()
        .join(' ');
    return judge(
      sorted(plain.json['scope']) === sorted(originalScope)
        ? undefined
        : `granted was "${originalScope}", refreshed is "${String(plain.json['scope'])}"`,
      { at: [plain.at] },
    );
  },
});

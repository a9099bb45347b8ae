import { covers, parseScopeList, resourceScopes } from '../../smart/scopes.ts';
import { defineCheck, judge } from '../check.ts';
import { backendSession } from '../evidence/backend.ts';

export const withinRegistration = defineCheck({
  meta: {
    id: 'backend/within-registration',
    title: 'A backend grant stays within what was asked and registered',
    severity: 'error',
    specs: ['SMART 2.2.0 backend-services#scopes'],
    requirements: ['SMART-BACKEND-006', 'SMART-BACKEND-007'],
    inferno: [],
    needs: { session: backendSession },
    fix: 'Grant the intersection of request and registration.',
  },
  judge({ session: { body, asked, at } }) {
    const allowed = resourceScopes(parseScopeList(asked).scopes);
    const granted = parseScopeList(String(body['scope'] ?? ''));
    const extra = resourceScopes(granted.scopes).filter(
      (scope) => !allowed.some((outer) => covers(outer, scope)),
    );
    const names = [...extra.map((scope) => scope.text), ...granted.unknown];
    return judge(names.length === 0 ? undefined : `not asked for: ${names.join(', ')}`, { at: [at] });
  },
});

import { defineCheck, fail, judge } from '../check.ts';
import { backendRequests } from '../evidence/backend.ts';
import { say } from '../evidence/seen.ts';

export const foreignScope = defineCheck({
  meta: {
    id: 'backend/foreign-scope',
    title: 'A scope outside the registration is not granted',
    severity: 'error',
    specs: ['SMART 2.2.0 backend-services#request-1'],
    requirements: ['SMART-BACKEND-006'],
    inferno: [],
    needs: { requests: backendRequests },
    fix: 'Refuse with invalid_scope what the client is not registered for.',
  },
  judge({ requests: { foreignScope, foreignScopeGranted } }) {
    if (foreignScope.status >= 500)
      return fail(`it was answered ${say(foreignScope)}`, { at: [foreignScope.at] });
    const given = foreignScopeGranted ?? '';
    return judge(/system\/(Patient|\*)\.[a-z]*[cud*]/.test(given) ? `"${given}" was granted` : undefined, {
      at: [foreignScope.at],
    });
  },
});

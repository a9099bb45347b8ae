import { defineCheck, judge, skip } from '../check.ts';
import { alteredRequests } from '../evidence/altered-requests.ts';

/** RFC 6749 section 4.1.2.1 and OpenID Connect Core section 3.1.2.6. */
const REGISTERED: ReadonlySet<string> = new Set([
  'invalid_request',
  'unauthorized_client',
  'access_denied',
  'unsupported_response_type',
  'invalid_scope',
  'server_error',
  'temporarily_unavailable',
  'interaction_required',
  'login_required',
  'account_selection_required',
  'consent_required',
  'invalid_target',
]);

export const errorRegistered = defineCheck({
  meta: {
    id: 'launch/error-registered',
    title: 'Error redirects use a registered error',
    severity: 'error',
    specs: ['RFC 6749 4.1.2.1'],
    requirements: ['SMART-AUTHZ-008'],
    inferno: [],
    needs: { requests: alteredRequests },
    fix: 'Use unsupported_response_type for an unknown response_type.',
  },
  judge({
    requests: {
      errorState: { outcome },
    },
  }) {
    if (outcome.kind !== 'error') return skip('the failing request was not answered by an error redirect');
    return judge(
      REGISTERED.has(outcome.oauthError ?? '')
        ? undefined
        : `"${outcome.oauthError}" is not a registered error`,
      { at: outcome.at.slice(-1) },
    );
  },
});

import { defineCheck, judge } from '../check.ts';
import { sayOutcome } from '../evidence/authorize.ts';
import { redirectUris } from '../evidence/redirect-uris.ts';

export const errorsStayHome = defineCheck({
  meta: {
    id: 'launch/errors-stay-home',
    title: 'Errors are never sent to a redirect URI that is not registered',
    severity: 'error',
    specs: ['RFC 6749 4.1.2.1', 'RFC 9700 4.11'],
    requirements: ['SMART-AUTHZ-005', 'OAUTH-SEC-002'],
    inferno: [],
    needs: { uris: redirectUris },
    fix: 'Check client_id and redirect_uri before anything that may lead to an error redirect.',
  },
  judge({ uris: { errorToBadUri } }) {
    return judge(
      errorToBadUri.kind === 'page' ? undefined : `a foreign URI received ${sayOutcome(errorToBadUri)}`,
      { at: errorToBadUri.at.slice(-1) },
    );
  },
});

import { defineCheck, judge } from '../check.ts';
import { sayOutcome } from '../evidence/authorize.ts';
import { redirectUris } from '../evidence/redirect-uris.ts';

export const unknownClient = defineCheck({
  meta: {
    id: 'launch/unknown-client',
    title: 'An unknown client_id is never redirected',
    severity: 'error',
    specs: ['RFC 6749 4.1.2.1'],
    requirements: ['SMART-AUTHZ-004'],
    inferno: [],
    needs: { uris: redirectUris },
    fix: 'Show an error page of the server for an unknown client_id.',
  },
  judge({ uris: { unknownClient } }) {
    const stayed = unknownClient.kind === 'page' && (unknownClient.status ?? 500) < 500;
    return judge(stayed ? undefined : `an unknown client was answered with ${sayOutcome(unknownClient)}`, {
      at: unknownClient.at.slice(-1),
    });
  },
});

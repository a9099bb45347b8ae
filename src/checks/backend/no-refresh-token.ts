import { defineCheck, judge } from '../check.ts';
import { backendSession } from '../evidence/backend.ts';

export const noRefreshToken = defineCheck({
  meta: {
    id: 'backend/no-refresh-token',
    title: 'Backend clients get no refresh token',
    severity: 'warn',
    specs: ['SMART 2.2.0 backend-services#response-1'],
    requirements: ['SMART-BACKEND-004'],
    inferno: [],
    needs: { session: backendSession },
    fix: 'Do not issue refresh tokens for client_credentials.',
  },
  judge({ session: { body, at } }) {
    return judge(body['refresh_token'] === undefined ? undefined : 'a refresh_token came', { at: [at] });
  },
});

import { defineCheck, judge } from '../check.ts';
import { backendSession } from '../evidence/backend.ts';

export const response = defineCheck({
  meta: {
    id: 'backend/response',
    title: 'The backend token response is complete',
    severity: 'error',
    specs: ['SMART 2.2.0 backend-services#response-1'],
    requirements: ['SMART-BACKEND-002'],
    inferno: ['8.1.06'],
    needs: { session: backendSession },
    fix: 'Return token_type bearer, a numeric expires_in and scope.',
  },
  judge({ session: { body, at } }) {
    const missing = [
      ...(String(body['token_type'] ?? '').toLowerCase() === 'bearer' ? [] : ['token_type']),
      ...(typeof body['expires_in'] === 'number' ? [] : ['expires_in']),
      ...(typeof body['scope'] === 'string' && body['scope'] !== '' ? [] : ['scope']),
    ];
    return judge(missing.length === 0 ? undefined : `missing or malformed: ${missing.join(', ')}`, {
      at: [at],
    });
  },
});

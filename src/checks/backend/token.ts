import { isObject } from '../../smart/json.ts';
import { defineCheck, fail, judge } from '../check.ts';
import { backendAnswer } from '../evidence/backend.ts';
import { say } from '../evidence/seen.ts';

export const token = defineCheck({
  meta: {
    id: 'backend/token',
    title: 'A backend client gets a token for its assertion',
    severity: 'error',
    specs: ['SMART 2.2.0 backend-services#request-1', 'RFC 7523'],
    requirements: ['SMART-BACKEND-001', 'SMART-ASYM-002'],
    inferno: ['8.1.05'],
    needs: { backend: backendAnswer },
    fix: 'Accept grant_type=client_credentials with a private_key_jwt assertion (RS384 or ES384).',
  },
  judge({ backend: { answer } }) {
    if (answer.status !== 200) return fail(`the request was answered ${say(answer)}`, { at: [answer.at] });
    return judge(
      isObject(answer.json) && typeof answer.json['access_token'] === 'string'
        ? undefined
        : 'the answer has no access_token',
      { at: [answer.at] },
    );
  },
});

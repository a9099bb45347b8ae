import { defineCheck, judge } from '../check.ts';
import { session } from '../evidence/standalone.ts';

export const tokenType = defineCheck({
  meta: {
    id: 'token/token-type',
    title: 'token_type is Bearer',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-5-access-token'],
    requirements: ['SMART-TOKEN-003'],
    inferno: ['1.9.06'],
    needs: { session },
    fix: 'Answer "token_type": "Bearer".',
  },
  judge({ session: { body } }) {
    const type = body['token_type'];
    return judge(
      typeof type === 'string' && type.toLowerCase() === 'bearer'
        ? undefined
        : `token_type is ${JSON.stringify(type ?? 'missing')}`,
    );
  },
});

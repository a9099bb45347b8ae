import { defineCheck, fail, judge } from '../check.ts';
import { session } from '../evidence/standalone.ts';

export const expiresIn = defineCheck({
  meta: {
    id: 'token/expires-in',
    title: 'expires_in is a number',
    severity: 'warn',
    specs: ['SMART 2.2.0 app-launch#step-5-access-token'],
    requirements: ['SMART-TOKEN-005'],
    inferno: ['1.9.06'],
    needs: { session },
    fix: 'Return the lifetime in seconds as a JSON number.',
  },
  judge({ session: { body } }) {
    const seconds = body['expires_in'];
    if (seconds === undefined) return fail('expires_in is missing');
    return judge(
      typeof seconds === 'number' && seconds > 0 ? undefined : `expires_in is ${JSON.stringify(seconds)}`,
    );
  },
});

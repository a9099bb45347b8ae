import { defineCheck, fail, judge } from '../check.ts';
import { session } from '../evidence/standalone.ts';

export const scopePresent = defineCheck({
  meta: {
    id: 'token/scope-present',
    title: 'scope is always in the token response',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-5-access-token'],
    requirements: ['SMART-TOKEN-004'],
    inferno: ['1.9.06'],
    needs: { session },
    fix: 'Return the granted scopes as one space separated string, even when they equal the request.',
  },
  judge({ session: { body } }) {
    const { scope } = body;
    if (scope === undefined) return fail('scope is missing');
    return judge(
      typeof scope === 'string' && scope.trim() !== '' ? undefined : 'scope is not a non-empty string',
    );
  },
});

import { isObject } from '../../smart/json.ts';
import { defineCheck, judge, skip } from '../check.ts';
import { codeReuse } from '../evidence/code-redemption.ts';

export const noUninvitedRefreshToken = defineCheck({
  meta: {
    id: 'token/no-uninvited-refresh-token',
    title: 'No refresh_token comes without offline_access or online_access',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#scopes-for-requesting-a-refresh-token'],
    requirements: ['SMART-REFRESH-009'],
    inferno: [],
    needs: { reuse: codeReuse },
    fix: 'Issue a refresh token only with offline_access or online_access.',
  },
  judge({ reuse: { first } }) {
    if (!first.tokenCame || !isObject(first.answer.json))
      return skip('the session without offline_access could not be started');
    const granted = String(first.answer.json['scope'] ?? '').split(' ');
    if (granted.includes('offline_access') || granted.includes('online_access'))
      return skip('the app could not ask without offline_access');
    return judge(
      'refresh_token' in first.answer.json ? 'a refresh_token came although none was asked for' : undefined,
      { at: [first.answer.at] },
    );
  },
});

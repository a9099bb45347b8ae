import { defineCheck, fail, judge, pass } from '../check.ts';
import { refreshScopes } from '../evidence/refresh.ts';
import { say } from '../evidence/seen.ts';

export const neverWidens = defineCheck({
  meta: {
    id: 'refresh/never-widens',
    title: 'A refresh never grants more than the session',
    severity: 'error',
    specs: ['RFC 6749 6', 'SMART 2.2.0 app-launch#step-7-refresh'],
    requirements: ['SMART-REFRESH-004'],
    inferno: [],
    needs: { scopes: refreshScopes },
    fix: 'Refuse a wider scope with invalid_scope, or leave the excess out.',
  },
  judge({ scopes: { wide, wideScope, originalScope } }) {
    if (wide.status >= 500) return fail(`a wider scope was answered ${say(wide)}`, { at: [wide.at] });
    if (wideScope === null) return pass();
    const had = new Set(originalScope.split(' '));
    const extra = wideScope.split(' ').filter((word) => word !== '' && !had.has(word));
    return judge(extra.length === 0 ? undefined : `the refresh added ${extra.join(', ')}`, { at: [wide.at] });
  },
});

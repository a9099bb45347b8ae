import { defineCheck, fail, judge } from '../check.ts';
import { refreshScopes } from '../evidence/refresh.ts';
import { say } from '../evidence/seen.ts';

export const narrowerHonoured = defineCheck({
  meta: {
    id: 'refresh/narrower-honoured',
    title: 'A refresh may ask for less',
    severity: 'error',
    specs: ['RFC 6749 6'],
    requirements: ['SMART-REFRESH-004'],
    inferno: ['1.6.03'],
    needs: { scopes: refreshScopes },
    fix: 'Grant the requested subset on refresh.',
  },
  judge({ scopes: { narrow, narrowScope, narrowAsked } }) {
    if (narrowScope === null)
      return fail(`a narrower scope was answered ${say(narrow)}`, { at: [narrow.at] });
    const asked = new Set(narrowAsked.split(' '));
    const extra = narrowScope.split(' ').filter((word) => word !== '' && !asked.has(word));
    return judge(extra.length === 0 ? undefined : `not asked for but granted: ${extra.join(', ')}`, {
      at: [narrow.at],
    });
  },
});

import { defineCheck, fail, judge, skip } from '../check.ts';
import { chosenScopes } from '../evidence/chosen-scopes.ts';

export const grantedEqualsChosen = defineCheck({
  meta: {
    id: 'scopes/granted-equals-chosen',
    title: 'What is granted is what the user chose, whatever earlier sessions had',
    severity: 'error',
    specs: ['SMART 2.2.0 app-launch#step-5-access-token', '45 CFR 170.315(g)(10)(v)(A)(1)(i)'],
    requirements: ['SMART-TOKEN-028', 'G10-014'],
    inferno: ['2.4.10'],
    needs: { chosen: chosenScopes },
    fix: 'Report the scopes of this session, not everything that was ever consented.',
  },
  judge({ chosen: { granted, chosen, refusedType, at } }) {
    if (granted === '') return skip('no scope came (token/scope-present judges that)');
    const allowed = new Set(chosen.split(' '));
    const extra = granted.split(' ').filter((word) => word !== '' && !allowed.has(word));
    if (extra.length > 0)
      return fail(`declined or never asked, but granted: ${extra.join(', ')}`, { at: [at] });
    const missing = chosen
      .split(' ')
      .filter((word) => /^(patient|user)\//.test(word) && !granted.split(' ').includes(word));
    return judge(
      missing.length === 0 ? undefined : `besides ${refusedType}, these are missing: ${missing.join(', ')}`,
      { at: [at] },
    );
  },
});

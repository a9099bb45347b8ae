import { defineCheck, judge } from '../check.ts';
import { tokenEndpoint } from '../evidence/token-misuse.ts';
import { tokenNotRefused } from '../refusals.ts';

export const postOnly = defineCheck({
  meta: {
    id: 'token/post-only',
    title: 'The token endpoint takes POST only',
    severity: 'error',
    specs: ['RFC 6749 3.2'],
    requirements: ['SMART-TOKEN-024'],
    inferno: [],
    needs: { endpoint: tokenEndpoint },
    fix: 'Refuse GET; read parameters from the body.',
  },
  judge({ endpoint: { get } }) {
    const problem = tokenNotRefused(get);
    return judge(problem === undefined ? undefined : `a GET ${problem}`, { at: [get.at] });
  },
});

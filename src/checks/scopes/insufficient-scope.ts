import { defineCheck, judge, skip } from '../check.ts';
import { chosenScopes } from '../evidence/chosen-scopes.ts';
import { accessNotRefused } from '../refusals.ts';

export const insufficientScope = defineCheck({
  meta: {
    id: 'scopes/insufficient-scope',
    title: 'A refusal for lack of scope says so',
    severity: 'warn',
    specs: ['RFC 6750 3.1'],
    requirements: ['OAUTH-RS-003'],
    inferno: [],
    needs: { chosen: chosenScopes },
    fix: 'Answer 403 with WWW-Authenticate: Bearer error="insufficient_scope".',
  },
  judge({
    chosen: {
      refusedSearch: { answer },
    },
  }) {
    if (accessNotRefused(answer) !== undefined)
      return skip('the search was not refused (scopes/refused-type-search judges that)');
    const challenge = answer.headers['www-authenticate'] ?? '';
    const right = answer.status === 403 && /insufficient_scope/.test(challenge);
    return judge(
      right
        ? undefined
        : `the refusal was ${answer.status} with ${challenge === '' ? 'no WWW-Authenticate' : challenge}`,
      { at: [answer.at] },
    );
  },
});

import { isObject } from '../../smart/json.ts';
import { defineCheck, fail, judge, skip } from '../check.ts';
import { say } from '../evidence/seen.ts';
import { wellKnown } from '../evidence/well-known.ts';

export const served = defineCheck({
  meta: {
    id: 'discovery/served',
    title: 'The SMART configuration is served as a JSON object',
    severity: 'error',
    specs: ['SMART 2.2.0 conformance#using-well-known'],
    requirements: ['SMART-WK-001'],
    inferno: ['1.8.01', '3.7.01', '9.16.10'],
    needs: { wellKnown },
    fix: 'Serve a JSON object with status 200 at {base}/.well-known/smart-configuration; the suffix goes after the whole base path.',
  },
  judge({ wellKnown: { answer } }) {
    if ([401, 403].includes(answer.status))
      return skip('it is refused without credentials (discovery/anonymous judges that)');
    if (answer.status >= 300 && answer.status < 400)
      return skip('it redirects (discovery/anonymous judges that)');
    if (answer.status !== 200) return fail(`answered ${say(answer)}`, { at: [answer.at] });
    return judge(
      isObject(answer.json)
        ? undefined
        : `answered 200 ${answer.html ? 'with an HTML page' : 'with a body that is no JSON object'}`,
    );
  },
});

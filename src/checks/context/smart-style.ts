import { stringsOf } from '../../smart/json.ts';
import { defineCheck, fail, judge, notApplicable } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';
import { smartStyle } from '../evidence/context-reads.ts';
import { ehrSession } from '../evidence/ehr-launch.ts';

export const smartStyleCheck = defineCheck({
  meta: {
    id: 'context/smart-style',
    title: 'smart_style_url leads to a JSON object',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#styling'],
    requirements: ['SMART-CTX-006'],
    inferno: ['3.8.17'],
    needs: { session: ehrSession, config: configurationBody, style: smartStyle },
    fix: 'Return smart_style_url and serve a JSON object there.',
  },
  judge({ session: { at }, config, style }) {
    if (!stringsOf(config.body['capabilities']).includes('context-style'))
      return notApplicable('the server does not list context-style');
    if (style.status !== 200) return fail(`the style document was answered ${style.status}`, { at: [at] });
    return judge(style.object ? undefined : 'the style document is no JSON object', { at: [at] });
  },
});

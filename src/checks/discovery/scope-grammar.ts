import { stringsOf } from '../../smart/json.ts';
import { parseScope } from '../../smart/scopes.ts';
import { defineCheck, judge } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';

export const scopeGrammar = defineCheck({
  meta: {
    id: 'discovery/scope-grammar',
    title: 'Every published scope follows the grammar of SMART',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context'],
    requirements: ['SMART-WK-021', 'SMART-SCOPE-007'],
    inferno: [],
    needs: { config: configurationBody },
    fix: 'Publish scopes in SMART spelling, such as patient/Observation.rs.',
  },
  judge({ config: { body } }) {
    const wrong = stringsOf(body['scopes_supported']).filter((scope) => parseScope(scope) === undefined);
    return judge(
      wrong.length === 0
        ? undefined
        : `no SMART scopes: ${wrong.slice(0, 5).join(', ')}${wrong.length > 5 ? ` and ${wrong.length - 5} more` : ''}`,
    );
  },
});

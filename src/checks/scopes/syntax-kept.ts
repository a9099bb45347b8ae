import { parseScope } from '../../smart/scopes.ts';
import { defineCheck, judge } from '../check.ts';
import { session } from '../evidence/standalone.ts';

export const syntaxKept = defineCheck({
  meta: {
    id: 'scopes/syntax-kept',
    title: 'Scopes come back in the syntax they were asked in',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#scopes-for-requesting-fhir-resources'],
    requirements: ['SMART-SCOPE-001', 'SMART-SCOPE-002', 'SMART-SCOPE-032'],
    inferno: ['1.9.09'],
    needs: { session },
    fix: 'Translate internal scope names back into SMART spelling in every response.',
  },
  judge({ session: { body, at } }) {
    const scopes = String(body['scope'] ?? '')
      .split(' ')
      .filter((word) => word !== '');
    const foreign = scopes.filter((word) => parseScope(word) === undefined || /^api:/i.test(word));
    return judge(foreign.length === 0 ? undefined : `no SMART spelling: ${foreign.slice(0, 5).join(', ')}`, {
      at: [at],
    });
  },
});

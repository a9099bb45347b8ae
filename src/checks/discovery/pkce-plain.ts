import { stringsOf } from '../../smart/json.ts';
import { defineCheck, judge } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';

export const pkcePlain = defineCheck({
  meta: {
    id: 'discovery/pkce-plain',
    title: 'PKCE with plain is not offered',
    severity: 'error',
    specs: ['SMART 2.2.0 conformance#metadata'],
    requirements: ['SMART-WK-010'],
    inferno: ['1.8.02', '3.7.02'],
    needs: { config: configurationBody },
    fix: 'Remove "plain" from code_challenge_methods_supported and refuse it.',
  },
  judge({ config: { body } }) {
    const plain = stringsOf(body['code_challenge_methods_supported']).some(
      (method) => method.toLowerCase() === 'plain',
    );
    return judge(plain ? 'the forbidden method plain is offered' : undefined);
  },
});

import { defineCheck, judge } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';

export const tokenEndpointCheck = defineCheck({
  meta: {
    id: 'discovery/token-endpoint',
    title: 'token_endpoint is present',
    severity: 'error',
    specs: ['SMART 2.2.0 conformance#metadata'],
    requirements: ['SMART-WK-005'],
    inferno: ['1.8.02', '3.7.02'],
    needs: { config: configurationBody },
    fix: 'Publish the absolute URL of the token endpoint.',
  },
  judge({ config: { body } }) {
    const url = body['token_endpoint'];
    return judge(
      typeof url === 'string' && url !== '' ? undefined : 'token_endpoint is missing or no string',
    );
  },
});

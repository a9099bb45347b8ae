import { defineCheck, judge } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';

export const revocationEndpoint = defineCheck({
  meta: {
    id: 'discovery/revocation-endpoint',
    title: 'revocation_endpoint is published',
    severity: 'warn',
    specs: ['SMART 2.2.0 conformance#metadata'],
    requirements: ['SMART-WK-023'],
    inferno: [],
    needs: { config: configurationBody },
    fix: 'Publish revocation_endpoint (RFC 7009).',
  },
  judge({ config: { body } }) {
    return judge(
      typeof body['revocation_endpoint'] === 'string' ? undefined : 'revocation_endpoint is missing',
    );
  },
});

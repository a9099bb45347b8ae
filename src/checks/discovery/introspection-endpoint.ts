import { defineCheck, judge } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';

export const introspectionEndpoint = defineCheck({
  meta: {
    id: 'discovery/introspection-endpoint',
    title: 'introspection_endpoint is published',
    severity: 'warn',
    specs: ['SMART 2.2.0 conformance#metadata', '45 CFR 170.315(g)(10)(vii)'],
    requirements: ['SMART-WK-023', 'SMART-INTROSPECT-001', 'G10-024'],
    inferno: ['9.20.1.1.02'],
    needs: { config: configurationBody },
    fix: 'Publish introspection_endpoint; (g)(10) and US Core 7.0.0 require it.',
  },
  judge({ config: { body } }) {
    return judge(
      typeof body['introspection_endpoint'] === 'string' ? undefined : 'introspection_endpoint is missing',
    );
  },
});

import { isStringArray } from '../../smart/json.ts';
import { defineCheck, judge } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';

export const scopesSupported = defineCheck({
  meta: {
    id: 'discovery/scopes-supported',
    title: 'scopes_supported is published',
    severity: 'warn',
    specs: [
      'SMART 2.2.0 conformance#metadata',
      'SMART 2.2.0 client-confidential-asymmetric#advertising-server-support',
    ],
    requirements: ['SMART-WK-019', 'SMART-WK-021'],
    inferno: ['1.8.02'],
    needs: { config: configurationBody },
    fix: 'Publish scopes_supported with the scopes a client may ask for.',
  },
  judge({ config: { body } }) {
    const scopes = body['scopes_supported'];
    return judge(
      isStringArray(scopes) && scopes.length > 0 ? undefined : 'scopes_supported is missing or empty',
    );
  },
});

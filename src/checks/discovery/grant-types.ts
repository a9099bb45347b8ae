import { isStringArray, stringsOf } from '../../smart/json.ts';
import { defineCheck, fail, judge } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';

export const grantTypes = defineCheck({
  meta: {
    id: 'discovery/grant-types',
    title: 'grant_types_supported lists the grants in use',
    severity: 'error',
    specs: ['SMART 2.2.0 conformance#metadata', '45 CFR 170.315(g)(10) AUT-PAT-25'],
    requirements: ['SMART-WK-007', 'SMART-WK-008', 'G10-013'],
    inferno: ['1.8.02', '3.7.02'],
    needs: { config: configurationBody },
    fix: 'Publish "grant_types_supported": ["authorization_code", "client_credentials"].',
  },
  judge({ config: { body } }) {
    const grants = body['grant_types_supported'];
    if (!isStringArray(grants) || grants.length === 0)
      return fail('grant_types_supported is missing, empty or no array of strings');
    const capabilities = stringsOf(body['capabilities']);
    const launches = capabilities.some((item) => item.startsWith('launch-'));
    const system = stringsOf(body['scopes_supported']).some((scope) => scope.startsWith('system/'));
    const missing = [
      ...(launches && !grants.includes('authorization_code') ? ['authorization_code'] : []),
      ...(system &&
      capabilities.includes('client-confidential-asymmetric') &&
      !grants.includes('client_credentials')
        ? ['client_credentials']
        : []),
    ];
    return judge(missing.length === 0 ? undefined : `not listed: ${missing.join(', ')}`);
  },
});

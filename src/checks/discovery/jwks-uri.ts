import { stringsOf } from '../../smart/json.ts';
import { defineCheck, judge, notApplicable } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';

export const jwksUri = defineCheck({
  meta: {
    id: 'discovery/jwks-uri',
    title: 'jwks_uri is present with sso-openid-connect',
    severity: 'error',
    specs: ['SMART 2.2.0 conformance#metadata'],
    requirements: ['SMART-WK-013'],
    inferno: ['1.8.02', '3.7.02'],
    needs: { config: configurationBody },
    fix: 'Publish jwks_uri: the key set that verifies ID tokens.',
  },
  judge({ config: { body } }) {
    if (!stringsOf(body['capabilities']).includes('sso-openid-connect'))
      return notApplicable('the server does not list sso-openid-connect');
    const uri = body['jwks_uri'];
    return judge(typeof uri === 'string' && uri !== '' ? undefined : 'jwks_uri is missing or no string');
  },
});

import { stringsOf } from '../../smart/json.ts';
import { defineCheck, judge, notApplicable } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';

export const asymmetricAuthMethod = defineCheck({
  meta: {
    id: 'discovery/asymmetric-auth-method',
    title: 'private_key_jwt is listed with client-confidential-asymmetric',
    severity: 'error',
    specs: ['SMART 2.2.0 client-confidential-asymmetric#advertising-server-support'],
    requirements: ['SMART-WK-017'],
    inferno: ['1.8.02'],
    needs: { config: configurationBody },
    fix: 'Add private_key_jwt to token_endpoint_auth_methods_supported.',
  },
  judge({ config: { body } }) {
    if (!stringsOf(body['capabilities']).includes('client-confidential-asymmetric'))
      return notApplicable('the server does not list client-confidential-asymmetric');
    const methods = stringsOf(body['token_endpoint_auth_methods_supported']);
    return judge(
      methods.includes('private_key_jwt')
        ? undefined
        : 'token_endpoint_auth_methods_supported lacks private_key_jwt',
    );
  },
});

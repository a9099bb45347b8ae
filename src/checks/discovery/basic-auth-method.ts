import { stringsOf } from '../../smart/json.ts';
import { defineCheck, judge, notApplicable } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';

export const basicAuthMethod = defineCheck({
  meta: {
    id: 'discovery/basic-auth-method',
    title: 'client_secret_basic is listed with client-confidential-symmetric',
    severity: 'error',
    specs: ['SMART 2.2.0 conformance#capabilities'],
    requirements: ['SMART-WK-020'],
    inferno: ['1.8.02'],
    needs: { config: configurationBody },
    fix: 'Add client_secret_basic to token_endpoint_auth_methods_supported.',
  },
  judge({ config: { body } }) {
    if (!stringsOf(body['capabilities']).includes('client-confidential-symmetric'))
      return notApplicable('the server does not list client-confidential-symmetric');
    const methods = body['token_endpoint_auth_methods_supported'];
    if (methods === undefined) return notApplicable('no authentication methods are listed');
    return judge(
      stringsOf(methods).includes('client_secret_basic') ? undefined : 'client_secret_basic is not listed',
    );
  },
});

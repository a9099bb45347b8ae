import { stringsOf } from '../../smart/json.ts';
import { defineCheck, fail, judge, notApplicable } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';

export const signingAlgorithms = defineCheck({
  meta: {
    id: 'discovery/signing-algorithms',
    title: 'RS384 or ES384 is listed with client-confidential-asymmetric',
    severity: 'error',
    specs: ['SMART 2.2.0 client-confidential-asymmetric#advertising-server-support'],
    requirements: ['SMART-WK-018'],
    inferno: ['1.8.02'],
    needs: { config: configurationBody },
    fix: 'Publish "token_endpoint_auth_signing_alg_values_supported": ["RS384", "ES384"].',
  },
  judge({ config: { body } }) {
    if (!stringsOf(body['capabilities']).includes('client-confidential-asymmetric'))
      return notApplicable('the server does not list client-confidential-asymmetric');
    const algorithms = stringsOf(body['token_endpoint_auth_signing_alg_values_supported']);
    const weak = algorithms.filter((algorithm) => algorithm === 'none' || algorithm.startsWith('HS'));
    if (weak.length > 0) return fail(`forbidden: ${weak.join(', ')}`);
    return judge(
      algorithms.some((item) => item === 'RS384' || item === 'ES384')
        ? undefined
        : 'neither RS384 nor ES384 is listed',
    );
  },
});

import { stringsOf } from '../../smart/json.ts';
import { defineCheck, judge } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';

export const asymmetricOffered = defineCheck({
  meta: {
    id: 'security/asymmetric-offered',
    title: 'Clients can authenticate without a shared secret',
    severity: 'warn',
    specs: ['RFC 9700 2.5'],
    requirements: ['OAUTH-SEC-017'],
    inferno: [],
    needs: { config: configurationBody },
    fix: 'Offer private_key_jwt, and list the capability client-confidential-asymmetric.',
  },
  judge({ config: { body } }) {
    const offered =
      stringsOf(body['capabilities']).includes('client-confidential-asymmetric') ||
      stringsOf(body['token_endpoint_auth_methods_supported']).includes('private_key_jwt');
    return judge(
      offered ? undefined : 'neither client-confidential-asymmetric nor private_key_jwt is listed',
    );
  },
});

import { isStringArray } from '../../smart/json.ts';
import { defineCheck, judge, skip } from '../check.ts';
import { openidConfiguration } from '../evidence/openid-configuration.ts';

export const rs256Listed = defineCheck({
  meta: {
    id: 'oidc/rs256-listed',
    title: 'ID tokens may be signed with RS256',
    severity: 'error',
    specs: [
      'OpenID Connect Discovery 1.0 section 3',
      'SMART 2.2.0 scopes-and-launch-context#scopes-for-requesting-identity-data',
    ],
    requirements: ['OIDC-004'],
    inferno: ['1.11.03'],
    needs: { openid: openidConfiguration },
    fix: 'List RS256 in id_token_signing_alg_values_supported.',
  },
  judge({ openid: { body } }) {
    const algorithms = body['id_token_signing_alg_values_supported'];
    if (!isStringArray(algorithms)) return skip('the list is missing (oidc/metadata-complete judges that)');
    return judge(algorithms.includes('RS256') ? undefined : 'RS256 is not listed');
  },
});

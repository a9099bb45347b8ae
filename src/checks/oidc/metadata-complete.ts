import { isStringArray, stringsOf } from '../../smart/json.ts';
import { defineCheck, judge } from '../check.ts';
import { openidConfiguration } from '../evidence/openid-configuration.ts';

export const metadataComplete = defineCheck({
  meta: {
    id: 'oidc/metadata-complete',
    title: 'The OIDC discovery document has its required members',
    severity: 'error',
    specs: ['OpenID Connect Discovery 1.0 section 3'],
    requirements: ['OIDC-003'],
    inferno: ['1.11.03', '3.10.03'],
    needs: { openid: openidConfiguration },
    fix: 'Publish every required member.',
  },
  judge({ openid: { body } }) {
    const urls = ['issuer', 'authorization_endpoint', 'token_endpoint', 'jwks_uri'];
    const lists = [
      'response_types_supported',
      'subject_types_supported',
      'id_token_signing_alg_values_supported',
    ];
    const missing = [
      ...urls.filter((name) => typeof body[name] !== 'string' || !URL.canParse(String(body[name]))),
      ...lists.filter((name) => !isStringArray(body[name]) || stringsOf(body[name]).length === 0),
    ];
    return judge(missing.length === 0 ? undefined : `missing or malformed: ${missing.join(', ')}`);
  },
});

import { defineCheck, judge, skip } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';
import { openidConfiguration } from '../evidence/openid-configuration.ts';

export const jwksAgrees = defineCheck({
  meta: {
    id: 'oidc/jwks-agrees',
    title: 'SMART configuration and OIDC discovery name the same key set',
    severity: 'warn',
    specs: ['OpenID Connect Discovery 1.0 section 3'],
    requirements: ['OIDC-005'],
    inferno: [],
    needs: { openid: openidConfiguration, config: configurationBody },
    fix: 'Publish one jwks_uri in both documents.',
  },
  judge({ openid, config }) {
    const [theirs, ours] = [openid.body['jwks_uri'], config.body['jwks_uri']];
    if (theirs === undefined || ours === undefined)
      return skip(
        'one of the documents has no jwks_uri (discovery/jwks-uri and oidc/metadata-complete judge that)',
      );
    return judge(theirs === ours ? undefined : `OIDC says ${String(theirs)}, SMART says ${String(ours)}`, {
      at: [openid.at, config.at],
    });
  },
});

import { defineCheck, judge } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';
import { openidConfiguration } from '../evidence/openid-configuration.ts';

export const issuerAgrees = defineCheck({
  meta: {
    id: 'oidc/issuer-agrees',
    title: 'SMART configuration and OIDC discovery name the same issuer',
    severity: 'error',
    specs: ['OpenID Connect Discovery 1.0 section 3'],
    requirements: ['OIDC-002'],
    inferno: ['1.11.03'],
    needs: { openid: openidConfiguration, config: configurationBody },
    fix: 'Publish one issuer, byte for byte.',
  },
  judge({ openid, config }) {
    const [theirs, ours] = [openid.body['issuer'], config.body['issuer']];
    return judge(theirs === ours ? undefined : `OIDC says ${String(theirs)}, SMART says ${String(ours)}`, {
      at: [openid.at, config.at],
    });
  },
});

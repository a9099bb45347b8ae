import { stringsOf } from '../../smart/json.ts';
import { defineCheck, judge } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';

export const issuer = defineCheck({
  meta: {
    id: 'discovery/issuer',
    title: 'issuer is present exactly with sso-openid-connect',
    severity: 'error',
    specs: ['SMART 2.2.0 conformance#metadata'],
    requirements: ['SMART-WK-011', 'SMART-WK-012'],
    inferno: ['1.8.02', '3.7.02'],
    needs: { config: configurationBody },
    fix: 'Publish issuer together with the capability sso-openid-connect, and neither without the other.',
  },
  judge({ config: { body } }) {
    const offered = stringsOf(body['capabilities']).includes('sso-openid-connect');
    const { issuer } = body;
    if (!offered)
      return judge(issuer === undefined ? undefined : 'issuer is published without sso-openid-connect');
    return judge(
      typeof issuer === 'string' && URL.canParse(issuer) ? undefined : 'issuer is missing or no URL',
    );
  },
});

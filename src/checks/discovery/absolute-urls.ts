import { defineCheck, judge } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';

const URL_MEMBERS = [
  'authorization_endpoint',
  'token_endpoint',
  'registration_endpoint',
  'management_endpoint',
  'introspection_endpoint',
  'revocation_endpoint',
  'jwks_uri',
  'user_access_brand_bundle',
];

export const absoluteUrls = defineCheck({
  meta: {
    id: 'discovery/absolute-urls',
    title: 'Every endpoint URL is absolute',
    severity: 'error',
    specs: ['SMART 2.2.0 conformance#using-well-known'],
    requirements: ['SMART-WK-014'],
    inferno: ['1.8.01', '1.8.02'],
    needs: { config: configurationBody },
    fix: 'Publish absolute URLs.',
  },
  judge({ config: { body } }) {
    const wrong = URL_MEMBERS.filter(
      (name) => typeof body[name] === 'string' && !URL.canParse(String(body[name])),
    );
    return judge(wrong.length === 0 ? undefined : `not absolute: ${wrong.join(', ')}`);
  },
});

import { stringsOf } from '../../smart/json.ts';
import { defineCheck, judge, notApplicable } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';

export const authorizationEndpoint = defineCheck({
  meta: {
    id: 'discovery/authorization-endpoint',
    title: 'authorization_endpoint is present where apps are launched',
    severity: 'error',
    specs: ['SMART 2.2.0 conformance#metadata'],
    requirements: ['SMART-WK-006'],
    inferno: ['1.8.02', '3.7.02'],
    needs: { config: configurationBody },
    fix: 'Publish the absolute URL of the authorization endpoint.',
  },
  judge({ config: { body } }) {
    const launches = stringsOf(body['capabilities']).some(
      (item) => item === 'launch-ehr' || item === 'launch-standalone',
    );
    if (!launches) return notApplicable('the server lists no launch capability');
    const url = body['authorization_endpoint'];
    return judge(
      typeof url === 'string' && url !== '' ? undefined : 'authorization_endpoint is missing or no string',
    );
  },
});

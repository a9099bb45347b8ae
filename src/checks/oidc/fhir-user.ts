import { defineCheck, fail, judge, notApplicable } from '../check.ts';
import { idToken } from '../evidence/id-token.ts';
import { session } from '../evidence/standalone.ts';
import { grantedScopes, NO_SCOPE } from '../granted.ts';

const USER = /(?:^|\/)(Patient|Practitioner|PractitionerRole|RelatedPerson|Person)\/[A-Za-z0-9.-]{1,64}$/;

export const fhirUser = defineCheck({
  meta: {
    id: 'oidc/fhir-user',
    title: 'The ID token names the user by fhirUser',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#scopes-for-requesting-identity-data'],
    requirements: ['OIDC-015'],
    inferno: ['1.11.07', '3.10.07'],
    needs: { token: idToken, session },
    fix: 'Issue the claim fhirUser with a Patient, Practitioner, PractitionerRole, RelatedPerson or Person.',
  },
  judge({ token: { fhirUser, at }, session: { body } }) {
    const granted = grantedScopes(body);
    if (granted === undefined) return NO_SCOPE;
    if (!granted.includes('fhirUser')) return notApplicable('fhirUser was not granted');
    if (typeof fhirUser !== 'string')
      return fail('fhirUser was granted but the ID token has no such claim', { at: [at] });
    return judge(USER.test(fhirUser) ? undefined : `fhirUser is "${fhirUser}"`, { at: [at] });
  },
});

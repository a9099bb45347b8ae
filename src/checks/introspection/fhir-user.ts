import { isObject } from '../../smart/json.ts';
import { defineCheck, judge, notApplicable, skip } from '../check.ts';
import { introspection } from '../evidence/introspection.ts';
import { NO_SCOPE } from '../granted.ts';

export const fhirUser = defineCheck({
  meta: {
    id: 'introspection/fhir-user',
    title: 'Introspection repeats fhirUser',
    severity: 'warn',
    specs: ['SMART 2.2.0 token-introspection', 'RFC 7662 2.2'],
    requirements: ['SMART-INTROSPECT-008'],
    inferno: ['9.20.3.01'],
    needs: { introspection },
    fix: 'Repeat fhirUser of the ID token.',
  },
  judge({ introspection: { active, expected } }) {
    if (!isObject(active.json) || active.json['active'] !== true)
      return skip('the token is not active (introspection/active judges that)');
    if (expected.scope === '') return NO_SCOPE;

    if (!expected.scope.split(' ').includes('fhirUser')) return notApplicable('fhirUser was not granted');
    if (expected.iss === null) return skip('no ID token came (token/id-token-issued judges that)');
    if (expected.fhirUser === null) return skip('the ID token has no fhirUser (oidc/fhir-user judges that)');
    return judge(
      active.json['fhirUser'] === expected.fhirUser ? undefined : 'fhirUser is missing or different',
      { at: [active.at] },
    );
  },
});

import { defineCheck, fail, judge } from '../check.ts';
import { fhirUserRead } from '../evidence/id-token.ts';
import { resourceType, say } from '../evidence/seen.ts';

export const fhirUserResolves = defineCheck({
  meta: {
    id: 'oidc/fhir-user-resolves',
    title: 'fhirUser can be read with the access token',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#scopes-for-requesting-identity-data'],
    requirements: ['OIDC-016'],
    inferno: ['1.11.07', '3.10.07'],
    needs: { read: fhirUserRead },
    fix: 'Let fhirUser name an existing resource below the FHIR base, and let the user read it.',
  },
  judge({ read: { answer, wantedType } }) {
    if (answer.status !== 200) return fail(`reading it was answered ${say(answer)}`, { at: [answer.at] });
    return judge(
      resourceType(answer) === wantedType
        ? undefined
        : `it is a ${resourceType(answer) ?? 'body without resourceType'}`,
      { at: [answer.at] },
    );
  },
});

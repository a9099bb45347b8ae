import { defineCheck, judge, skip } from '../check.ts';
import { anonymousAccess } from '../evidence/anonymous-access.ts';
import { resourceType } from '../evidence/seen.ts';

export const operationOutcome = defineCheck({
  meta: {
    id: 'fhir/operation-outcome',
    title: 'Refusals carry an OperationOutcome',
    severity: 'warn',
    specs: ['FHIR R4 http#Status-Codes'],
    requirements: ['OAUTH-RS-006'],
    inferno: [],
    needs: { access: anonymousAccess },
    fix: 'Answer refusals with an OperationOutcome as application/fhir+json, also from the gateway in front.',
  },
  judge({ access: { noToken } }) {
    if (noToken.status < 400) return skip('the read was not refused (fhir/token-required judges that)');
    return judge(
      resourceType(noToken) === 'OperationOutcome'
        ? undefined
        : `the body is ${noToken.html ? 'an HTML page' : 'something else'}`,
      { at: [noToken.at] },
    );
  },
});

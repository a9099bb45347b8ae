import { defineCheck, judge } from '../check.ts';
import { appCors } from '../evidence/cross-origin.ts';

export const fhirAnswer = defineCheck({
  meta: {
    id: 'cors/fhir-answer',
    title: 'The FHIR API answers the registered browser app readably, also when it refuses',
    severity: 'error',
    specs: ['SMART 2.1.0+ app-launch#considerations-for-cross-origin-resource-sharing-cors-support'],
    requirements: ['CORS-003'],
    inferno: ['1.11.08'],
    needs: { cors: appCors },
    fix: 'Send Access-Control-Allow-Origin with every answer of the FHIR API, refusals included.',
  },
  judge({ cors: { origin, fhirAnswer } }) {
    return judge(
      fhirAnswer.allowOrigin === origin || fhirAnswer.allowOrigin === '*'
        ? undefined
        : `Access-Control-Allow-Origin is ${fhirAnswer.allowOrigin ?? 'missing'}`,
      { at: [fhirAnswer.at] },
    );
  },
});

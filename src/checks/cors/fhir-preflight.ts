import { defineCheck, fail, judge } from '../check.ts';
import { appCors } from '../evidence/cross-origin.ts';

export const fhirPreflight = defineCheck({
  meta: {
    id: 'cors/fhir-preflight',
    title: 'The FHIR API answers the preflight of the registered browser app',
    severity: 'error',
    specs: ['SMART 2.1.0+ app-launch#considerations-for-cross-origin-resource-sharing-cors-support'],
    requirements: ['CORS-003'],
    inferno: ['1.11.08', '3.10.08'],
    needs: { cors: appCors },
    fix: 'Answer the preflight 2xx before authentication, with the app origin, GET and authorization.',
  },
  judge({ cors: { origin, fhirPreflight } }) {
    const { status, allowOrigin, allowMethods, allowHeaders, at } = fhirPreflight;
    if (status < 200 || status > 299) return fail(`the preflight was answered ${status}`, { at: [at] });
    if (allowOrigin !== origin && allowOrigin !== '*')
      return fail(`Access-Control-Allow-Origin is ${allowOrigin ?? 'missing'}`, { at: [at] });
    if (!allowMethods.includes('get') && !allowMethods.includes('*'))
      return fail('GET is not allowed', { at: [at] });
    return judge(
      allowHeaders.includes('authorization') ? undefined : 'the authorization header is not allowed',
      { at: [at] },
    );
  },
});

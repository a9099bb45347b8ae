import { defineCheck, judge } from '../check.ts';
import { strangerCors } from '../evidence/cross-origin.ts';

export const noReflection = defineCheck({
  meta: {
    id: 'cors/no-reflection',
    title: 'Strangers are not let in with credentials',
    severity: 'error',
    specs: ['Fetch standard 3.2.5'],
    requirements: ['CORS-004'],
    inferno: [],
    needs: { cors: strangerCors },
    fix: 'Never send Access-Control-Allow-Credentials: true with a reflected origin.',
  },
  judge({ cors: { origin, fhir } }) {
    const reflected = fhir.allowOrigin === origin && fhir.allowCredentials === 'true';
    return judge(
      reflected ? 'an unregistered origin is reflected together with allow-credentials' : undefined,
      { at: [fhir.at] },
    );
  },
});

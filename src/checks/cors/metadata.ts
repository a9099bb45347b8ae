import { defineCheck, judge, skip } from '../check.ts';
import { publicCors } from '../evidence/cross-origin.ts';

export const metadataCheck = defineCheck({
  meta: {
    id: 'cors/metadata',
    title: 'The CapabilityStatement can be read by any page',
    severity: 'error',
    specs: ['SMART 2.1.0+ app-launch#considerations-for-cross-origin-resource-sharing-cors-support'],
    requirements: ['CORS-001'],
    inferno: ['1.8.04', '3.7.04'],
    needs: { cors: publicCors },
    fix: 'Send Access-Control-Allow-Origin: * with metadata.',
  },
  judge({ cors: { origin, metadata } }) {
    if (metadata.status !== 200)
      return skip(`the document is not served: ${metadata.status} (fhir/capability-statement judges that)`);
    return judge(
      metadata.allowOrigin === '*' || metadata.allowOrigin === origin
        ? undefined
        : `Access-Control-Allow-Origin is ${metadata.allowOrigin ?? 'missing'}`,
      { at: [metadata.at] },
    );
  },
});

import { defineCheck, judge, skip } from '../check.ts';
import { publicCors } from '../evidence/cross-origin.ts';

export const wellKnownCheck = defineCheck({
  meta: {
    id: 'cors/well-known',
    title: 'The SMART configuration can be read by any page',
    severity: 'error',
    specs: ['SMART 2.1.0+ app-launch#considerations-for-cross-origin-resource-sharing-cors-support'],
    requirements: ['CORS-001'],
    inferno: ['1.8.03', '3.7.03'],
    needs: { cors: publicCors },
    fix: 'Send Access-Control-Allow-Origin: * with the document.',
  },
  judge({ cors: { origin, wellKnown } }) {
    if (wellKnown.status !== 200)
      return skip(
        `the document is not served: ${wellKnown.status} (discovery/served and discovery/anonymous judge that)`,
      );
    return judge(
      wellKnown.allowOrigin === '*' || wellKnown.allowOrigin === origin
        ? undefined
        : `Access-Control-Allow-Origin is ${wellKnown.allowOrigin ?? 'missing'}`,
      { at: [wellKnown.at] },
    );
  },
});

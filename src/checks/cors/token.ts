import { defineCheck, fail, judge } from '../check.ts';
import { appCors } from '../evidence/cross-origin.ts';

export const token = defineCheck({
  meta: {
    id: 'cors/token',
    title: 'The token endpoint lets the registered browser app in',
    severity: 'error',
    specs: ['SMART 2.1.0+ app-launch#considerations-for-cross-origin-resource-sharing-cors-support'],
    requirements: ['CORS-002'],
    inferno: ['1.9.08', '2.4.08'],
    needs: { cors: appCors },
    fix: 'Answer the preflight with the app origin, POST and content-type.',
  },
  judge({ cors: { origin, tokenPreflight } }) {
    const { status, allowOrigin, allowMethods, allowHeaders, at } = tokenPreflight;
    if (status < 200 || status > 299) return fail(`the preflight was answered ${status}`, { at: [at] });
    if (allowOrigin !== origin && allowOrigin !== '*')
      return fail(`Access-Control-Allow-Origin is ${allowOrigin ?? 'missing'}`, { at: [at] });
    if (!allowMethods.includes('post') && !allowMethods.includes('*'))
      return fail('POST is not allowed', { at: [at] });
    return judge(
      allowHeaders.includes('content-type') || allowHeaders.includes('*')
        ? undefined
        : 'content-type is not allowed',
      { at: [at] },
    );
  },
});

import { defineCheck, fail, judge } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';

export const pkceS256 = defineCheck({
  meta: {
    id: 'discovery/pkce-s256',
    title: 'PKCE with S256 is offered',
    severity: 'error',
    specs: ['SMART 2.2.0 conformance#metadata'],
    requirements: ['SMART-WK-009', 'G10-013'],
    inferno: ['1.8.02', '3.7.02'],
    needs: { config: configurationBody },
    fix: 'Publish "code_challenge_methods_supported": ["S256"].',
  },
  judge({ config: { body } }) {
    const methods = body['code_challenge_methods_supported'];
    if (!Array.isArray(methods)) return fail('code_challenge_methods_supported is missing or no array');
    return judge(methods.includes('S256') ? undefined : 'S256 is not among the methods');
  },
});

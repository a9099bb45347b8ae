import { defineCheck, judge, notApplicable } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';
import { target } from '../evidence/target.ts';

export const httpsEndpoints = defineCheck({
  meta: {
    id: 'tls/https-endpoints',
    title: 'Every published endpoint is https',
    severity: 'error',
    specs: ['SMART 2.2.0 backend-services#request-1', 'RFC 6749 3.1, 3.2'],
    requirements: ['SMART-WK-015', 'TLS-005'],
    inferno: ['1.9.01', '1.9.04'],
    needs: { config: configurationBody, target },
    fix: 'Publish https URLs only.',
  },
  judge({ config: { body }, target }) {
    if (target.loopbackHttp) return notApplicable('plain HTTP on the loopback interface');
    const urls = Object.entries(body).filter(
      (pair): pair is [string, string] =>
        /(_endpoint|_uri|^issuer)$/.test(pair[0]) && typeof pair[1] === 'string',
    );
    const plain = [['the FHIR base', target.fhirUrl] as const, ...urls].filter(([, url]) =>
      url.startsWith('http:'),
    );
    return judge(plain.length === 0 ? undefined : `plain HTTP: ${plain.map(([name]) => name).join(', ')}`);
  },
});

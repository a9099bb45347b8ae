import { defineCheck, judge, skip } from '../check.ts';
import { tlsHandshakes } from '../evidence/tls-handshakes.ts';

export const modern = defineCheck({
  meta: {
    id: 'tls/modern',
    title: 'Every host speaks TLS 1.2 or newer with a valid certificate',
    severity: 'error',
    specs: ['45 CFR 170.315(g)(10)(iv)', 'RFC 9325'],
    requirements: ['TLS-001', 'TLS-003', 'G10-010'],
    inferno: ['1.9.01', '1.9.04', '8.1.01', '8.2.01'],
    needs: { tls: tlsHandshakes },
    fix: 'Enable TLS 1.2 and 1.3 and install a certificate with its whole chain.',
  },
  judge({ tls: { hosts } }) {
    if (hosts.length === 0) return skip('no https host is published');
    const wrong = hosts.filter((host) => host.modern.version === null);
    return judge(
      wrong.length === 0 ? undefined : wrong.map((host) => `${host.host}: ${host.modern.error}`).join('; '),
    );
  },
});

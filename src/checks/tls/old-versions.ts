import { defineCheck, judge, skip } from '../check.ts';
import { tlsHandshakes } from '../evidence/tls-handshakes.ts';

export const oldVersions = defineCheck({
  meta: {
    id: 'tls/old-versions',
    title: 'TLS 1.1 and older are refused',
    severity: 'error',
    specs: ['45 CFR 170.315(g)(10)(iv)', 'RFC 8996'],
    requirements: ['TLS-002'],
    inferno: ['1.02', '1.03'],
    needs: { tls: tlsHandshakes },
    fix: 'Disable TLS 1.0 and 1.1.',
  },
  judge({ tls: { hosts } }) {
    if (hosts.length === 0) return skip('no https host is published');
    const wrong = hosts.filter((host) => host.old.version !== null);
    return judge(
      wrong.length === 0
        ? undefined
        : wrong.map((host) => `${host.host} agreed on ${host.old.version}`).join('; '),
    );
  },
});

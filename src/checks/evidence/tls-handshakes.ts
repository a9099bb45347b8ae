import { connect, type SecureVersion } from 'node:tls';
import { SECOND } from '../../core/clock.ts';
import { SmartfhirError } from '../../core/errors.ts';
import { isLoopbackHttp } from '../../smart/server-profile.ts';
import { configuration } from './configuration.ts';
import { defineEvidence, Unavailable } from './evidence.ts';

export interface HandshakeFacts {
  readonly host: string;
  /** The version that was agreed on, or why none was. */
  readonly modern: { readonly version: string | null; readonly error: string | null };
  readonly old: { readonly version: string | null; readonly error: string | null };
}

export interface TlsFacts {
  readonly hosts: readonly HandshakeFacts[];
}

const HANDSHAKE_MS = 10 * SECOND;
const SILENT = `no answer within ${HANDSHAKE_MS / SECOND} s`;

/** No TLS was spoken at all: a dead name or port says nothing about certificates and versions. */
const NOT_REACHED: ReadonlySet<string> = new Set([
  'EAI_AGAIN',
  'ECONNREFUSED',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'ETIMEDOUT',
  SILENT,
]);

/** TLS handshakes with every https host the server names: one modern with certificate check, one old without. */
export const tlsHandshakes = defineEvidence<TlsFacts>({
  id: 'tlsHandshakes',
  async gather(probe) {
    const { fhirUrl } = probe.profile;
    if (isLoopbackHttp(fhirUrl)) throw new Unavailable('na', 'plain HTTP on the loopback interface');
    const { endpoints } = await probe.use(configuration).catch(() => ({ endpoints: undefined }));
    const urls = [fhirUrl, endpoints?.authorize, endpoints?.token, endpoints?.introspect, endpoints?.revoke]
      .filter((url) => url !== undefined)
      .map((url) => new URL(url))
      .filter((url) => url.protocol === 'https:');
    const hosts = [...new Map(urls.map((url) => [url.host, url])).values()];
    const facts = await Promise.all(
      hosts.map(
        async (url): Promise<HandshakeFacts> => ({
          host: url.host,
          modern: await handshake(url, { minVersion: 'TLSv1.2', maxVersion: 'TLSv1.3', verify: true }),
          old: await handshake(url, { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', verify: false }),
        }),
      ),
    );
    const base = facts.find((host) => host.host === new URL(fhirUrl).host)?.modern.error ?? '';
    if (NOT_REACHED.has(base)) throw new SmartfhirError('UNREACHABLE', `${new URL(fhirUrl).host}: ${base}`);
    return { facts: { hosts: facts }, live: undefined };
  },
});

function handshake(
  url: URL,
  options: { minVersion: SecureVersion; maxVersion: SecureVersion; verify: boolean },
): Promise<{ version: string | null; error: string | null }> {
  const { promise, resolve } = Promise.withResolvers<{ version: string | null; error: string | null }>();
  const socket = connect({
    host: url.hostname.replace(/^\[|\]$/g, ''),
    port: url.port === '' ? 443 : Number(url.port),
    servername: url.hostname,
    minVersion: options.minVersion,
    maxVersion: options.maxVersion,
    rejectUnauthorized: options.verify,
    // OpenSSL 3 offers the old versions only at this level.
    ...(options.verify ? {} : { ciphers: 'DEFAULT@SECLEVEL=0' }),
    timeout: HANDSHAKE_MS,
  });
  const end = (version: string | null, error: string | null): void => {
    socket.destroy();
    resolve({ version, error });
  };
  socket.once('secureConnect', () => end(socket.getProtocol(), null));
  socket.once('timeout', () => end(null, SILENT));
  socket.once('error', (error: NodeJS.ErrnoException) => end(null, error.code ?? error.message));
  return promise;
}

import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { TLSSocket } from 'node:tls';
import type { FetchLike } from '../core/target.ts';
import type { CertificateAuthority } from './certificates.ts';
import { serveNode } from './node-http.ts';

export interface ProxyOptions {
  /** 0 chooses a free port. */
  readonly port: number;
  readonly authority: CertificateAuthority;
  readonly fetch: FetchLike;
  /** Is this a URL of the laptop cloud? Everything else is refused. */
  readonly knows: (url: URL) => boolean;
  readonly onRefused: (host: string) => void;
  /** What `GET /health` on the proxy itself answers. */
  readonly health: () => unknown;
}

export interface RunningProxy {
  /** `http://127.0.0.1:port` */
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

/**
 * A loopback HTTP proxy whose whole internet is the laptop cloud. `CONNECT host:443` ends in TLS with a certificate of
 * the local CA; CONNECT and absolute-form requests to the plain-HTTP origins stay plain. Unknown hosts get 403.
 */
export async function startProxy(options: ProxyOptions): Promise<RunningProxy> {
  const origins = new WeakMap<Duplex, string>();
  const sockets = new Set<Duplex>();
  const keep = (socket: Duplex): void => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket));
    socket.on('error', () => socket.destroy());
  };
  // Never listens: connections are handed to it after CONNECT.
  const inner = createServer((incoming, outgoing) => {
    const origin = origins.get(incoming.socket);
    if (origin === undefined) outgoing.writeHead(421).end();
    else void serveNode(options.fetch, origin, incoming, outgoing);
  });
  const outer = createServer((incoming, outgoing) => plainRequest(options, incoming, outgoing));
  outer.on('connection', keep);
  outer.on('connect', (incoming: IncomingMessage, socket: Duplex, head: Buffer) => {
    const url = connectTarget(incoming.url ?? '', options.knows);
    if (url === undefined) {
      options.onRefused(incoming.url ?? '');
      socket.end('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
      return;
    }
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    if (head.length > 0) socket.unshift(head);
    const ready =
      url.protocol === 'https:'
        ? secure(socket as Socket, url.hostname, options.authority)
        : Promise.resolve(socket);
    ready.then(
      (stream) => {
        keep(stream);
        origins.set(stream, url.origin);
        inner.emit('connection', stream);
      },
      () => socket.destroy(),
    );
  });
  const port = await listenOn(outer, options.port, '127.0.0.1');
  return {
    url: `http://127.0.0.1:${port}`,
    port,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => outer.close(() => resolve()));
    },
  };
}

/** The URL that `host:port` of a CONNECT means, when it is ours: port 443 is https, other ports plain origins. */
function connectTarget(target: string, knows: (url: URL) => boolean): URL | undefined {
  const match = /^([^\s/?#@]+):(\d{1,5})$/.exec(target);
  const [, host, port] = match ?? [];
  if (host === undefined || port === undefined) return undefined;
  const text = port === '443' ? `https://${host}` : `http://${host}:${port}`;
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  return knows(url) ? url : undefined;
}

async function secure(socket: Socket, host: string, authority: CertificateAuthority): Promise<TLSSocket> {
  const secureContext = await authority.contextFor(host);
  return new TLSSocket(socket, { isServer: true, secureContext, ALPNProtocols: ['http/1.1'] });
}

function plainRequest(options: ProxyOptions, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const target = incoming.url ?? '';
  // A page of a rebound host name may not look at it.
  const ours = /^(127\.0\.0\.1|localhost)(:\d+)?$/.test(incoming.headers.host ?? '');
  if (target === '/health' && incoming.method === 'GET' && ours) {
    outgoing.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(options.health()));
    return;
  }
  if (/^http:\/\//i.test(target) && URL.canParse(target)) {
    const url = new URL(target);
    if (options.knows(url)) {
      void serveNode(options.fetch, url.origin, incoming, outgoing);
      return;
    }
  }
  options.onRefused(withoutPath(target));
  outgoing.writeHead(403, { 'content-type': 'text/plain' }).end('not a host of the laptop cloud\n');
}

function withoutPath(target: string): string {
  return URL.canParse(target) ? new URL(target).host : 'a request without host';
}

/** Starts listening; resolves with the port. */
export function listenOn(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ port, host, exclusive: true }, () => {
      server.removeListener('error', reject);
      resolve((server.address() as AddressInfo).port);
    });
  });
}

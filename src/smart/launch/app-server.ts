import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { messageOf, SmartfhirError } from '../../core/errors.ts';
import type { SampleApp } from './sample-app.ts';

/** Serves the sample app on its own origin's port, on the loopback interfaces only. */
export async function serveApp(app: SampleApp): Promise<{ close(): Promise<void> }> {
  const port = portOf(app.origin);
  const servers: Server[] = [];
  for (const host of ['127.0.0.1', '::1']) {
    const server = createServer((request, response) => void answer(app, request, response));
    try {
      await listen(server, port, host);
      servers.push(server);
    } catch (error) {
      const code = error instanceof Error && 'code' in error ? error.code : undefined;
      // A machine without IPv6 has no ::1; browsers then use 127.0.0.1.
      if (host === '::1' && code !== 'EADDRINUSE') continue;
      await closeAll(servers);
      throw new SmartfhirError('PORT_IN_USE', `the app cannot listen on port ${port}: ${messageOf(error)}`, {
        why: 'another process listens there, perhaps another launch',
        fix: 'stop what listens there, or register another redirectUri of the client in smartfhir.yaml and apply',
        command: 'smartfhir client show NAME',
        cause: error,
      });
    }
  }
  return { close: () => closeAll(servers) };
}

function portOf(origin: string): number {
  const url = new URL(origin);
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}

function listen(server: Server, port: number, host: string): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', reject);
  server.listen({ port, host }, () => {
    server.off('error', reject);
    resolve();
  });
  return promise;
}

async function answer(app: SampleApp, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const host = incoming.headers.host ?? '';
  if (`http://${host}`.toLowerCase() !== app.origin) {
    outgoing.writeHead(421).end();
    return;
  }
  const request = new Request(new URL(incoming.url ?? '/', app.origin), { method: incoming.method ?? 'GET' });
  const response = await app.fetch(request);
  outgoing.writeHead(response.status, Object.fromEntries(response.headers));
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}

async function closeAll(servers: readonly Server[]): Promise<void> {
  for (const server of servers) {
    server.closeIdleConnections();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
      setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS).unref();
    });
  }
}

/** Milliseconds that a browser may still use to fetch the last page. */
const CLOSE_GRACE_MS = 1500;

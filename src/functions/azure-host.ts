import { randomBytes } from 'node:crypto';
import {
  app,
  type Cookie,
  type HttpRequest,
  type HttpResponseInit,
  type InvocationContext,
} from '@azure/functions';
import { createManagedIdentity } from '../azure/managed-identity.ts';
import { systemClock } from '../core/clock.ts';
import { messageOf, SmartfhirError } from '../core/errors.ts';
import type { LogLine } from './context.ts';
import { createGateway } from './gateway.ts';
import { settingsFromEnvironment } from './settings.ts';

const PREFIX = '/api';
const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;

type FetchGateway = (request: Request) => Promise<Response>;

/**
 * Registers the two HTTP functions: `smart` behind a host key that API Management holds, `files` without one, since
 * exported files are read directly and their bearer tokens are checked like any other.
 */
export function registerFunctions(env: Readonly<Record<string, string | undefined>>): void {
  const gateway = lazily(() => gatewayFromEnvironment(env));
  app.setup({ enableHttpStream: true });
  const handler = (request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> =>
    handle(gateway, request, context);
  app.http('smart', { methods: [...METHODS], authLevel: 'function', route: '{*path}', handler });
  app.http('files', { methods: ['GET', 'OPTIONS'], authLevel: 'anonymous', route: 'files/{*path}', handler });
}

async function handle(
  gateway: () => FetchGateway,
  request: HttpRequest,
  context: InvocationContext,
): Promise<HttpResponseInit> {
  try {
    return await toHostResponse(await gateway()(toWebRequest(request)));
  } catch (error) {
    // Settings that are missing or unresolved; a secret is never part of the message.
    const detail = error instanceof SmartfhirError ? error.message : messageOf(error);
    context.error(`the gateway cannot start: ${detail}`);
    return {
      status: 503,
      jsonBody: { error: 'server_error', error_description: 'the gateway is not configured' },
    };
  }
}

function gatewayFromEnvironment(env: Readonly<Record<string, string | undefined>>): FetchGateway {
  const settings = settingsFromEnvironment(env);
  const fetchAsIs = (request: Request): Promise<Response> => fetch(request, { redirect: 'manual' });
  const credential = createManagedIdentity({
    endpoint: env['IDENTITY_ENDPOINT'] ?? '',
    header: env['IDENTITY_HEADER'] ?? '',
    fetch: fetchAsIs,
    clock: systemClock,
  });
  const gateway = createGateway(settings, {
    fetch: fetchAsIs,
    credential,
    clock: systemClock,
    random: (bytes) => randomBytes(bytes).toString('base64url'),
    log: writeLog,
  });
  return gateway.fetch;
}

/** The host collects stdout; one line, no request data. */
function writeLog(line: LogLine): void {
  process.stdout.write(`[${line.level}] ${line.correlationId} ${line.text.replaceAll(/\s+/g, ' ')}\n`);
}

/** Made at the first request, so that a missing setting is answered and logged instead of ending the process. */
function lazily<T>(make: () => T): () => T {
  let made: { value: T } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

/** The host's request as the web's, below `/api`. Only path and query of its URL count: hosts and proxies are not asked. */
export function toWebRequest(request: HttpRequest): Request {
  const url = new URL(request.url);
  if (url.pathname === PREFIX || url.pathname.startsWith(`${PREFIX}/`)) {
    url.pathname = url.pathname.slice(PREFIX.length) || '/';
  }
  const headers = new Headers();
  for (const [name, value] of request.headers) headers.set(name, value);
  const hasBody = request.method !== 'GET' && request.method !== 'HEAD' && request.body !== null;
  return new Request(url, {
    method: request.method,
    headers,
    ...(hasBody ? { body: request.body as ReadableStream<Uint8Array>, duplex: 'half' } : {}),
  });
}

/** Several Set-Cookie headers would collapse into one on the way through the host: they travel as `cookies`. */
export async function toHostResponse(response: Response): Promise<HttpResponseInit> {
  const headers: Record<string, string> = {};
  for (const [name, value] of response.headers) if (name !== 'set-cookie') headers[name] = value;
  const cookies = response.headers.getSetCookie().map(parseCookie);
  return {
    status: response.status,
    headers,
    ...(cookies.length === 0 ? {} : { cookies }),
    ...(response.body === null ? {} : { body: response.body as NonNullable<HttpResponseInit['body']> }),
  };
}

function parseCookie(text: string): Cookie {
  const [pair = '', ...attributes] = text.split(';').map((part) => part.trim());
  const at = pair.indexOf('=');
  const cookie: Cookie = { name: pair.slice(0, at), value: pair.slice(at + 1) };
  for (const attribute of attributes) {
    const [name = '', value = ''] = attribute.split('=');
    switch (name.toLowerCase()) {
      case 'path':
        cookie.path = value;
        break;
      case 'max-age':
        cookie.maxAge = Number(value);
        break;
      case 'httponly':
        cookie.httpOnly = true;
        break;
      case 'secure':
        cookie.secure = true;
        break;
      case 'samesite':
        cookie.sameSite = value as NonNullable<Cookie['sameSite']>;
        break;
    }
  }
  return cookie;
}

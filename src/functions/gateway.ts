import { Hono } from 'hono';
import { createBlobs } from '../azure/storage/blobs.ts';
import { createTables } from '../azure/storage/tables.ts';
import { messageOf, SmartfhirError } from '../core/errors.ts';
import { authorize } from './authorize/authorize.ts';
import { callback } from './authorize/callback.ts';
import { choose } from './authorize/choose.ts';
import { signedIn } from './authorize/signed-in.ts';
import type { Gateway, GatewayDeps } from './context.ts';
import { clientJwks, discovery } from './discovery/discovery.ts';
import { createMetadata } from './discovery/metadata.ts';
import { styleResponse } from './discovery/smart-style.ts';
import { exportFile } from './export/files.ts';
import { FhirError, fhirErrorResponse } from './fhir-error.ts';
import { guard } from './guard/guard.ts';
import { introspect } from './introspect.ts';
import { createEntraIssuer } from './issuer/entra-issuer.ts';
import { createEntraKeys } from './issuer/entra-keys.ts';
import { createEntraTokenCall, type EntraTokenCall } from './issuer/entra-token-endpoint.ts';
import { createVaultSecrets } from './issuer/vault-secrets.ts';
import { createLaunch } from './launch.ts';
import { OAuthError, oauthErrorResponse } from './oauth-error.ts';
import { errorPage } from './pages/error-page.ts';
import { revoke } from './revoke.ts';
import type { GatewaySettings } from './settings.ts';
import { createSeal } from './state/seal.ts';
import { createState } from './state/state.ts';
import { createClientKeys } from './token/client-keys.ts';
import { token } from './token/token.ts';

type Env = { Variables: { correlationId: string } };
type Handler = (request: Request) => Promise<Response> | Response;

const CORRELATION_BYTES = 12;
/** Statuses for what passes by itself. */
const DOWN: Readonly<Record<string, number>> = { TIMEOUT: 504, UNREACHABLE: 503 };
const NOT_FOUND = new OAuthError('invalid_request', 'there is nothing at this address', { status: 404 });
const WRONG_METHOD = new OAuthError('invalid_request', 'this method is not offered here', { status: 405 });

/** The SMART gateway: everything below `/fhir`, `/auth` and `/files`. It keeps no state but caches. */
export function createGateway(
  settings: GatewaySettings,
  deps: GatewayDeps,
): { fetch(request: Request): Promise<Response> } {
  const { gateway, call } = assemble(settings, deps);
  const app = new Hono<Env>();
  app.use(async (c, next) => {
    // It is also the id of an OperationOutcome, and FHIR ids have no underscore (R4 datatypes#id).
    c.set('correlationId', gateway.random(CORRELATION_BYTES).replaceAll('_', '.'));
    await next();
    c.res.headers.set('x-content-type-options', 'nosniff');
    if (!c.res.headers.has('x-request-id')) c.res.headers.set('x-request-id', c.get('correlationId'));
  });
  app.route('/auth', authRoutes(gateway, call));
  app.route('/fhir', fhirRoutes(gateway));
  app.all('/files/:job/:index', (c) =>
    exportFile(gateway, c.req.raw, c.req.param('job'), c.req.param('index'), c.get('correlationId')),
  );
  app.notFound((c) => oauthErrorResponse(NOT_FOUND, c.get('correlationId')));
  app.onError((error, c) => {
    const correlationId = c.get('correlationId');
    gateway.log({
      level: 'error',
      text: `${c.req.method} ${c.req.path}: ${messageOf(error)}`,
      correlationId,
    });
    return unexpected(c.req.path, error, correlationId);
  });
  return { fetch: async (request) => app.fetch(request) };
}

function assemble(settings: GatewaySettings, deps: GatewayDeps): { gateway: Gateway; call: EntraTokenCall } {
  const { fetch, credential, clock, random } = deps;
  const keys = createEntraKeys({
    authority: settings.authority,
    audience: settings.fhirAudience,
    fetch,
    clock,
  });
  const call = createEntraTokenCall(fetch, keys);
  const secretOf = createVaultSecrets({ vaultUrl: settings.vaultUrl, fetch, credential, clock });
  const byId = new Map(settings.clients.map((client) => [client.clientId, client]));
  const gateway: Gateway = {
    settings,
    fetch,
    clock,
    random,
    log: deps.log ?? (() => undefined),
    state: createState(createTables({ url: settings.tableUrl, fetch, credential, clock }), clock),
    seal: createSeal(settings.sessionKey),
    issuer: createEntraIssuer({ settings, keys, call, secretOf }),
    keys,
    clientKeys: createClientKeys(fetch, clock),
    blobs: createBlobs({ url: settings.blobUrl, fetch, credential, clock }),
    client: (clientId) => byId.get(clientId),
  };
  return { gateway, call };
}

function authRoutes(gateway: Gateway, call: EntraTokenCall): Hono<Env> {
  const app = new Hono<Env>();
  const refuse = (respond: (error: OAuthError, correlationId: string) => Response) => (handler: Handler) => {
    return async (request: Request, correlationId: string): Promise<Response> => {
      try {
        return await handler(request);
      } catch (error) {
        if (!(error instanceof OAuthError)) throw error;
        const path = new URL(request.url).pathname;
        const detail = error.detail === undefined ? '' : ` (${error.detail})`;
        gateway.log({
          level: 'warn',
          text: `${path}: ${error.code}: ${error.message}${detail}`,
          correlationId,
        });
        return respond(error, correlationId);
      }
    };
  };
  const asPage = refuse(errorPage);
  const asJson = refuse(oauthErrorResponse);
  const routes: readonly [methods: string[], path: string, handler: ReturnType<typeof asPage>][] = [
    [['GET', 'POST'], '/authorize', asPage((request) => authorize(gateway, request))],
    [['GET'], '/signed-in', asPage((request) => signedIn(gateway, call, request))],
    [['POST'], '/choose', asPage((request) => choose(gateway, request))],
    [['GET'], '/callback', asPage((request) => callback(gateway, request))],
    [['POST'], '/token', asJson((request) => token(gateway, request))],
    [['POST'], '/introspect', asJson((request) => introspect(gateway, request))],
    [['POST'], '/revoke', asJson((request) => revoke(gateway, request))],
    [['POST'], '/launch', asJson((request) => createLaunch(gateway, request))],
  ];
  for (const [methods, path, handler] of routes) {
    app.on(methods, path, (c) => handler(c.req.raw, c.get('correlationId')));
    app.all(path, (c) => oauthErrorResponse(WRONG_METHOD, c.get('correlationId')));
  }
  app.get('/clients/:name/jwks.json', (c) => {
    return clientJwks(gateway, c.req.param('name')) ?? oauthErrorResponse(NOT_FOUND, c.get('correlationId'));
  });
  return app;
}

function fhirRoutes(gateway: Gateway): Hono<Env> {
  const metadata = createMetadata(gateway);
  const app = new Hono<Env>();
  app.get('/.well-known/smart-configuration', () => discovery(gateway));
  app.get('/smart-style.json', () => styleResponse());
  app.get('/metadata', async (c) => {
    try {
      return await metadata();
    } catch (error) {
      if (!(error instanceof FhirError)) throw error;
      return fhirErrorResponse(error, c.get('correlationId'));
    }
  });
  const guarded = (request: Request, correlationId: string): Promise<Response> | Response => {
    const path = pathBelow(request, '/fhir');
    if (path === undefined)
      return fhirErrorResponse(new FhirError(400, 'invalid', 'malformed path'), correlationId);
    return guard(gateway, request, path, correlationId);
  };
  app.all('/', (c) => guarded(c.req.raw, c.get('correlationId')));
  app.all('/*', (c) => guarded(c.req.raw, c.get('correlationId')));
  return app;
}

/** Decoded once, without slashes at either end; what the FHIR service gets is built anew from what was understood. */
function pathBelow(request: Request, prefix: string): string | undefined {
  const { pathname } = new URL(request.url);
  try {
    return decodeURIComponent(pathname.slice(prefix.length)).replace(/^\/+|\/+$/g, '');
  } catch {
    return undefined;
  }
}

/** A defect, or something we depend on is down. The reference finds the log line; nothing else is told. */
function unexpected(path: string, error: Error, correlationId: string): Response {
  const status = error instanceof SmartfhirError ? (DOWN[error.code] ?? 500) : 500;
  if (path.startsWith('/fhir') || path.startsWith('/files')) {
    const text = `the gateway could not answer; reference ${correlationId}`;
    return fhirErrorResponse(
      new FhirError(status, status === 500 ? 'exception' : 'transient', text),
      correlationId,
    );
  }
  const code = status === 500 ? 'server_error' : 'temporarily_unavailable';
  const refusal = new OAuthError(code, 'the gateway could not answer', { status });
  const isPage = /\/(authorize|signed-in|choose|callback)$/.test(path);
  return isPage ? errorPage(refusal, correlationId) : oauthErrorResponse(refusal, correlationId);
}

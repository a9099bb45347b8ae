import { type Context, Hono, type MiddlewareHandler } from 'hono';
import { directoryOf } from '../directory/directory.ts';
import type { Fabric, StandIn } from '../fabric.ts';
import { AadError } from './aadsts.ts';
import { authorize, consent, login } from './authorize.ts';
import { discoveryV1, discoveryV2, instanceDiscovery } from './discovery.ts';
import { errorBody } from './error-body.ts';
import { formParameters } from './form.ts';
import { logout } from './logout.ts';
import { asAadError, showError } from './responses.ts';
import { publicKeys } from './signing-keys.ts';
import { answerTokenRequest } from './token.ts';

const HOSTS = new Set(['login.microsoftonline.com', 'login.windows.net', 'sts.windows.net']);

/** Microsoft Entra ID, v2 endpoints of one tenant: sign-in, consent, tokens, discovery. */
export function entra(fabric: Fabric): StandIn {
  const app = routes(fabric);
  return { name: 'entra', serves: (host) => HOSTS.has(host), fetch: async (request) => app.fetch(request) };
}

function routes(fabric: Fabric): Hono {
  const app = new Hono();
  app.get('/common/discovery/instance', (c) => c.json(instanceDiscovery(fabric)));
  const discovery = document(fabric);
  app.get('/:tenant/v2.0/.well-known/openid-configuration', discovery, (c) => c.json(discoveryV2(fabric)));
  app.get('/:tenant/.well-known/openid-configuration', discovery, (c) => c.json(discoveryV1(fabric)));
  app.get('/:tenant/discovery/v2.0/keys', discovery, async (c) => c.json(await publicKeys(fabric)));
  app.get('/:tenant/discovery/keys', discovery, async (c) => c.json(await publicKeys(fabric)));

  const page = tenantPage(fabric);
  app.on(['GET', 'POST'], '/:tenant/oauth2/v2.0/authorize', page, (c) => authorize(c, fabric));
  app.post('/:tenant/login', page, (c) => login(c, fabric));
  app.post('/:tenant/Consent/Set', page, (c) => consent(c, fabric));
  app.on(['GET', 'POST'], '/:tenant/oauth2/v2.0/logout', page, (c) => logout(c, fabric));

  app.options('/:tenant/oauth2/v2.0/token', (c) => preflight(c));
  app.all('/:tenant/oauth2/v2.0/token', (c) => token(c, fabric));

  // Browsers ask for it beside every page.
  app.get('/favicon.ico', (c) => c.body(null, 204));
  app.notFound((c) => {
    fabric.log({ standIn: 'entra', level: 'error', text: `unknown route ${c.req.method} ${c.req.path}` });
    return c.json(
      { error: 'not_implemented', error_description: 'The laptop cloud has no such Entra route.' },
      501,
    );
  });
  return app;
}

async function token(c: Context, fabric: Fabric): Promise<Response> {
  const origin = c.req.header('origin');
  if (origin !== undefined) c.header('Access-Control-Allow-Origin', origin);
  c.header('Cache-Control', 'no-store, no-cache');
  c.header('Pragma', 'no-cache');
  c.header('P3P', 'CP="DSP CUR OTPi IND OTRi ONL FIN"');
  try {
    if (c.req.method !== 'POST') {
      throw new AadError(
        900561,
        `The endpoint only accepts POST requests. Received a ${c.req.method} request.`,
      );
    }
    demandTenant(fabric, c.req.param('tenant') ?? '', true);
    return c.json(await answerTokenRequest(fabric, c.req.raw, await formParameters(c.req.raw)));
  } catch (thrown) {
    const error = asAadError(thrown);
    fabric.log({ standIn: 'entra', level: 'warn', text: `token refused with AADSTS${error.code}` });
    return c.json(
      errorBody(fabric, error, c.req.header('client-request-id')),
      error.status as 400 | 401 | 405,
    );
  }
}

/** Documents are public and readable from every origin. */
function document(fabric: Fabric): MiddlewareHandler {
  return async (c, next) => {
    c.header('Access-Control-Allow-Origin', '*');
    c.header('Cache-Control', 'max-age=86400, private');
    try {
      demandTenant(fabric, c.req.param('tenant') ?? '', false);
    } catch (error) {
      return c.json(errorBody(fabric, asAadError(error)), 400);
    }
    return next();
  };
}

function tenantPage(fabric: Fabric): MiddlewareHandler {
  return async (c, next) => {
    try {
      demandTenant(fabric, c.req.param('tenant') ?? '', true);
    } catch (error) {
      return showError(c, fabric, asAadError(error));
    }
    return next();
  };
}

function preflight(c: Context): Response {
  c.header('Access-Control-Allow-Origin', c.req.header('origin') ?? '*');
  c.header('Access-Control-Allow-Methods', 'POST, OPTIONS');
  c.header('Access-Control-Allow-Headers', c.req.header('access-control-request-headers') ?? 'content-type');
  c.header('Access-Control-Max-Age', '86400');
  return c.body(null, 204);
}

/**
 * The tenant by id or verified domain.
 *
 * @param ownOnly refuse `common` and `organizations`: every app here is single-tenant
 * @throws AadError 90002, 50194
 */
function demandTenant(fabric: Fabric, tenant: string, ownOnly: boolean): void {
  const name = tenant.toLowerCase();
  if (name === fabric.tenantId || directoryOf(fabric).verifiedDomains.includes(name)) return;
  if (name === 'common' || name === 'organizations') {
    if (!ownOnly) return;
    throw new AadError(
      50194,
      'Application is not configured as a multi-tenant application. Usage of the /common endpoint is not supported ' +
        'for such apps created after 10/15/2018. Use a tenant-specific endpoint or configure the application to be ' +
        'multi-tenant.',
    );
  }
  throw new AadError(
    90002,
    `Tenant '${tenant.slice(0, 100)}' not found. Check to make sure you have the correct tenant ID and are signing ` +
      'into the correct cloud. Check with your subscription administrator, this may happen if there are no active ' +
      'subscriptions for the tenant.',
  );
}

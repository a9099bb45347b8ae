import { randomUUID } from 'node:crypto';
import { type Context, Hono } from 'hono';
import type { Fabric, StandIn } from '../fabric.ts';
import { appRoleAssignmentRoutes } from './app-role-assignments.ts';
import { applicationRoutes } from './applications.ts';
import { authenticateCaller, type GraphEnv } from './caller.ts';
import { claimsPolicyRoutes } from './claims-policies.ts';
import { credentialRoutes } from './credentials.ts';
import { deletedItemRoutes } from './deleted-items.ts';
import { extensionPropertyRoutes } from './extension-properties.ts';
import { GraphError, notImplemented } from './graph-error.ts';
import { withPlainKeys } from './key-segment.ts';
import { organizationRoutes } from './organization.ts';
import { permissionGrantRoutes } from './permission-grants.ts';
import { servicePrincipalRoutes } from './service-principals.ts';
import { userRoutes } from './users.ts';

/** Microsoft Graph v1.0, as far as SMART needs it: applications, principals, grants, users, claims policies. */
export function graph(fabric: Fabric): StandIn {
  const app = routes(fabric);
  return {
    name: 'graph',
    serves: (host) => host === 'graph.microsoft.com',
    fetch: async (request) => app.fetch(new Request(withPlainKeys(request.url), request)),
  };
}

function routes(fabric: Fabric): Hono<GraphEnv> {
  const root = new Hono<GraphEnv>();
  root.use(async (c, next) => {
    c.set('requestId', randomUUID());
    c.header('request-id', c.get('requestId'));
    c.header('client-request-id', c.req.header('client-request-id') ?? c.get('requestId'));
    c.header('OData-Version', '4.0');
    c.set('claims', await authenticateCaller(fabric, c.req.raw));
    return next();
  });
  root.route('/v1.0', versionOne(fabric));
  root.onError((thrown, c) => failure(fabric, c, thrown));
  root.notFound((c) => failure(fabric, c, notImplemented(`the route ${c.req.method} ${c.req.path}`)));
  return root;
}

function versionOne(fabric: Fabric): Hono<GraphEnv> {
  const app = new Hono<GraphEnv>();
  applicationRoutes(app, fabric);
  credentialRoutes(app, fabric);
  extensionPropertyRoutes(app, fabric);
  servicePrincipalRoutes(app, fabric);
  claimsPolicyRoutes(app, fabric);
  permissionGrantRoutes(app, fabric);
  userRoutes(app, fabric);
  appRoleAssignmentRoutes(app, fabric);
  deletedItemRoutes(app, fabric);
  organizationRoutes(app, fabric);
  return app;
}

/** What is no GraphError is a bug: it goes on. */
function failure(fabric: Fabric, c: Context<GraphEnv>, thrown: unknown): Response {
  if (!(thrown instanceof GraphError)) throw thrown;
  const level = thrown.status === 501 ? 'error' : 'info';
  const what =
    thrown.status === 501 ? thrown.message : `${c.req.method} ${c.req.path} refused: ${thrown.code}`;
  fabric.log({ standIn: 'graph', level, text: what });
  const requestId = c.get('requestId');
  const error = {
    code: thrown.code,
    message: thrown.message,
    ...(thrown.details.length === 0 ? {} : { details: thrown.details }),
    innerError: {
      date: new Date(fabric.clock.now()).toISOString().slice(0, 19),
      'request-id': requestId,
      'client-request-id': c.req.header('client-request-id') ?? requestId,
    },
  };
  return c.json({ error }, thrown.status as 400);
}

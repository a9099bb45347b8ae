import type { Hono } from 'hono';
import { randomToken } from '../../core/ids.ts';
import { GRAPH_MISSING_REFERENCE_STATUS } from '../beliefs.ts';
import { type Directory, directoryOf } from '../directory/directory.ts';
import type { PermissionGrant } from '../directory/objects.ts';
import type { Fabric } from '../fabric.ts';
import { readBody } from './body.ts';
import { demandPermission, type GraphContext, type GraphEnv } from './caller.ts';
import { badRequest, GraphError, notFound } from './graph-error.ts';
import { pageOf } from './query.ts';
import { servicePrincipalAt } from './service-principals.ts';
import { nullable, oneOf, record, text, uuid } from './shape.ts';

const WRITE = ['DelegatedPermissionGrant.ReadWrite.All', 'Directory.ReadWrite.All'];
const READ = [...WRITE, 'Directory.Read.All'];
const FILTERABLE = ['clientId', 'consentType', 'principalId', 'resourceId', 'scope', 'id'];

type Body = Omit<PermissionGrant, 'id'>;

const bodyShape = record(
  {
    clientId: uuid,
    consentType: oneOf('AllPrincipals', 'Principal'),
    principalId: nullable(uuid),
    resourceId: uuid,
    scope: text({ max: 3850 }),
    startTime: nullable(text()),
    expiryTime: nullable(text()),
  },
  { required: ['clientId', 'consentType', 'resourceId'], defaults: { principalId: null, scope: '' } },
);
const changeShape = record(
  { scope: text({ max: 3850 }) },
  { readOnly: ['id', 'clientId', 'consentType', 'principalId', 'resourceId'] },
);

export function permissionGrantRoutes(app: Hono<GraphEnv>, fabric: Fabric): void {
  const directory = directoryOf(fabric);
  const { grants } = directory;
  app.get('/oauth2PermissionGrants', (c) => {
    demandPermission(c, READ);
    return c.json(pageOf(grants.list().map(present), c.req.url, FILTERABLE));
  });
  app.get('/servicePrincipals/:key/oauth2PermissionGrants', (c) => {
    demandPermission(c, READ);
    const { id } = servicePrincipalAt(directory, c.req.param('key'));
    const own = grants.list().filter((item) => item.clientId === id);
    return c.json(pageOf(own.map(present), c.req.url, FILTERABLE));
  });
  app.post('/oauth2PermissionGrants', (c) => create(c, directory));
  app.get('/oauth2PermissionGrants/:id', (c) => {
    demandPermission(c, READ);
    return c.json(present(grantAt(directory, c.req.param('id'))));
  });
  app.patch('/oauth2PermissionGrants/:id', async (c) => {
    demandPermission(c, WRITE);
    const { scope } = await readBody<{ scope?: string }>(c.req.raw, changeShape);
    const { id } = grantAt(directory, c.req.param('id'));
    const latest = grants.latest(id);
    if (latest === undefined) throw notFound(id);
    grants.put({ ...latest, scope: scope ?? latest.scope });
    return c.body(null, 204);
  });
  app.delete('/oauth2PermissionGrants/:id', (c) => {
    demandPermission(c, WRITE);
    grants.delete(grantAt(directory, c.req.param('id')).id);
    return c.body(null, 204);
  });
}

async function create(c: GraphContext, directory: Directory): Promise<Response> {
  demandPermission(c, WRITE);
  const body = await readBody<Body>(c.req.raw, bodyShape);
  demandReferences(directory, body);
  if (directory.grants.all().some((item) => isSameTriple(item, body))) {
    throw new GraphError(409, 'Request_MultipleObjectsWithSameKeyValue', 'Permission entry already exists.');
  }
  const { clientId, consentType, principalId, resourceId, scope } = body;
  const grant = { id: randomToken(33), clientId, consentType, principalId, resourceId, scope };
  directory.grants.put(grant);
  return c.json(present(grant), 201);
}

function demandReferences(directory: Directory, body: Body): void {
  if ((body.consentType === 'Principal') !== (body.principalId !== null)) {
    throw badRequest(
      "Invalid value specified for property 'principalId' of resource 'OAuth2PermissionGrant'.",
    );
  }
  for (const id of [body.clientId, body.resourceId]) {
    if (directory.servicePrincipals.get(id) === undefined) throw notFound(id, GRAPH_MISSING_REFERENCE_STATUS);
  }
  if (body.principalId !== null && directory.users.get(body.principalId) === undefined) {
    throw notFound(body.principalId, GRAPH_MISSING_REFERENCE_STATUS);
  }
}

function isSameTriple(left: Body, right: Body): boolean {
  return (
    left.clientId === right.clientId &&
    left.resourceId === right.resourceId &&
    left.consentType === right.consentType &&
    left.principalId === right.principalId
  );
}

function grantAt(directory: Directory, id: string): PermissionGrant {
  const grant = directory.grants.get(id);
  if (grant?.id !== id) throw notFound(id);
  return grant;
}

function present(grant: PermissionGrant): Record<string, unknown> {
  return { ...grant };
}

import type { Hono } from 'hono';
import { randomToken } from '../../core/ids.ts';
import { GRAPH_MISSING_REFERENCE_STATUS } from '../beliefs.ts';
import { appRolesOf, type Directory, directoryOf } from '../directory/directory.ts';
import { findPrincipal } from '../directory/identities.ts';
import type { AppRoleAssignment } from '../directory/objects.ts';
import type { Fabric } from '../fabric.ts';
import { readBody } from './body.ts';
import { demandPermission, type GraphContext, type GraphEnv } from './caller.ts';
import { badRequest, notFound } from './graph-error.ts';
import { pageOf } from './query.ts';
import { servicePrincipalAt } from './service-principals.ts';
import { record, uuid } from './shape.ts';
import { userAt } from './users.ts';

const WRITE = ['AppRoleAssignment.ReadWrite.All'];
const READ = [...WRITE, 'Application.Read.All', 'Application.ReadWrite.All', 'Directory.Read.All'];
const FILTERABLE = ['resourceId', 'appRoleId', 'principalId', 'principalType'];

/** Assigned without a role of its own. */
const DEFAULT_ROLE = '00000000-0000-0000-0000-000000000000';

type Body = Pick<AppRoleAssignment, 'appRoleId' | 'principalId' | 'resourceId'>;

const bodyShape = record(
  { appRoleId: uuid, principalId: uuid, resourceId: uuid },
  {
    required: ['appRoleId', 'principalId', 'resourceId'],
    readOnly: ['id', 'createdDateTime', 'principalDisplayName', 'principalType', 'resourceDisplayName'],
  },
);

/** The same assignments seen from the resource, and from the principal that holds them. */
type Side = 'resourceId' | 'principalId';

export function appRoleAssignmentRoutes(app: Hono<GraphEnv>, fabric: Fabric): void {
  const directory = directoryOf(fabric);
  const principal = (key: string) => servicePrincipalAt(directory, key).id;
  serve(app, fabric, '/servicePrincipals/:key/appRoleAssignedTo', 'resourceId', principal);
  serve(app, fabric, '/servicePrincipals/:key/appRoleAssignments', 'principalId', principal);
  serve(app, fabric, '/users/:key/appRoleAssignments', 'principalId', (key) => userAt(directory, key).id);
}

function serve(
  app: Hono<GraphEnv>,
  fabric: Fabric,
  path: string,
  side: Side,
  idAt: (key: string) => string,
): void {
  const { appRoleAssignments } = directoryOf(fabric);
  const keyOf = (c: GraphContext) => idAt(c.req.param('key') ?? '');
  app.get(path, (c) => {
    demandPermission(c, READ);
    const id = keyOf(c);
    const items = appRoleAssignments.list().filter((item) => item[side] === id);
    return c.json(pageOf(items.map(present), c.req.url, FILTERABLE));
  });
  app.post(path, async (c) => {
    demandPermission(c, WRITE);
    const id = keyOf(c);
    const body = await readBody<Body>(c.req.raw, bodyShape);
    if (body[side] !== id) {
      throw badRequest(`The value of '${side}' does not match the object identifier in the address.`);
    }
    const assignment = checkedAssignment(fabric, body);
    appRoleAssignments.put(assignment);
    return c.json(present(assignment), 201);
  });
  app.delete(`${path}/:id`, (c) => {
    demandPermission(c, WRITE);
    const id = keyOf(c);
    const assignment = appRoleAssignments.get(c.req.param('id') ?? '');
    if (assignment?.[side] !== id) throw notFound(c.req.param('id') ?? '');
    appRoleAssignments.delete(assignment.id);
    return c.body(null, 204);
  });
}

/** @throws GraphError 404, 400 */
function checkedAssignment(fabric: Fabric, body: Body): AppRoleAssignment {
  const directory = directoryOf(fabric);
  const resource = directory.servicePrincipals.get(body.resourceId);
  if (resource === undefined) throw notFound(body.resourceId, GRAPH_MISSING_REFERENCE_STATUS);
  const principal = findPrincipal(fabric, body.principalId);
  if (principal === undefined) throw notFound(body.principalId, GRAPH_MISSING_REFERENCE_STATUS);
  const principalType = principal.type === 'User' ? 'User' : 'ServicePrincipal';
  demandRole(directory, body, principalType);
  const isHeld = (item: AppRoleAssignment) =>
    item.appRoleId === body.appRoleId &&
    item.principalId === body.principalId &&
    item.resourceId === body.resourceId;
  if (directory.appRoleAssignments.all().some(isHeld)) {
    const message = 'Permission being assigned already exists on the object';
    throw badRequest(message, [{ code: 'InvalidUpdate', message, target: 'appRoleAssignment' }]);
  }
  return {
    ...body,
    id: randomToken(33),
    createdDateTime: new Date(fabric.clock.now()).toISOString(),
    principalType,
    principalDisplayName: principal.displayName,
    resourceDisplayName: resource.displayName,
  };
}

function demandRole(directory: Directory, body: Body, type: 'User' | 'ServicePrincipal'): void {
  if (body.appRoleId === DEFAULT_ROLE) return;
  const resource = directory.servicePrincipals.get(body.resourceId);
  const roles = resource === undefined ? [] : appRolesOf(directory.resourceOf(resource));
  const role = roles.find((item) => item.id === body.appRoleId);
  const member = type === 'User' ? 'User' : 'Application';
  if (role?.isEnabled === true && role.allowedMemberTypes.includes(member)) return;
  const message = `Permission being assigned was not found on application '${resource?.appId ?? body.resourceId}'.`;
  throw badRequest(message, [{ code: 'InvalidUpdate', message, target: 'appRoleId' }]);
}

function present(assignment: AppRoleAssignment): Record<string, unknown> {
  return { ...assignment, deletedDateTime: null };
}

import type { Hono } from 'hono';
import { type Directory, directoryOf } from '../directory/directory.ts';
import { newApplication } from '../directory/new-objects.ts';
import type { Application } from '../directory/objects.ts';
import type { Fabric } from '../fabric.ts';
import { type ApplicationBody, changedApplication } from './application-changes.ts';
import { applicationShape } from './application-shape.ts';
import { presentApplication } from './application-view.ts';
import { readBody } from './body.ts';
import {
  demandPermission,
  type GraphContext,
  type GraphEnv,
  onlyOwned,
  READ_APPLICATIONS,
  WRITE_APPLICATIONS,
} from './caller.ts';
import { softDeleteApplication } from './deletion.ts';
import { badRequest, GraphError, notFound } from './graph-error.ts';
import { pageOf, selectedFrom } from './query.ts';
import { isUuid } from './shape.ts';

const FILTERABLE = ['appId', 'displayName', 'id', 'identifierUris', 'tags', 'uniqueName', 'signInAudience'];

export function applicationRoutes(app: Hono<GraphEnv>, fabric: Fabric): void {
  const directory = directoryOf(fabric);
  app.get('/applications', (c) => {
    demandPermission(c, READ_APPLICATIONS);
    const items = directory.applications.list().map((item) => presentApplication(directory, item));
    return c.json(pageOf(items, c.req.url, FILTERABLE));
  });
  app.post('/applications', async (c) => {
    const body = await readBody<ApplicationBody>(c.req.raw, applicationShape);
    return created(c, fabric, body);
  });
  app.get('/applications/:key', (c) => {
    const application = applicationAt(directory, c.req.param('key'));
    demandPermission(c, READ_APPLICATIONS, application.ownerId);
    return c.json(selectedFrom(presentApplication(directory, application), c.req.url));
  });
  app.patch('/applications/:key', (c) => update(c, fabric, c.req.param('key')));
  app.delete('/applications/:key', (c) => {
    const application = applicationAt(directory, c.req.param('key'));
    demandPermission(c, WRITE_APPLICATIONS, application.ownerId);
    softDeleteApplication(fabric, application.id);
    return c.body(null, 204);
  });
}

/** The application a key segment names: object id, `appId=…` or `uniqueName=…`. @throws GraphError 404, 400 */
export function applicationAt(directory: Directory, key: string): Application {
  const found = findApplication(directory, key);
  if (found === undefined) throw notFound(key.replace(/^\w+=/, ''));
  return found;
}

function findApplication(directory: Directory, key: string): Application | undefined {
  const named = /^(\w+)=(.*)$/s.exec(key);
  if (named === null) {
    if (!isUuid(key)) throw badRequest(`Invalid object identifier '${key.slice(0, 100)}'.`);
    return directory.applications.get(key);
  }
  const value = named[2] ?? '';
  if (named[1] === 'appId') return directory.applicationByAppId(value);
  if (named[1] === 'uniqueName')
    return directory.applications.list().find((item) => item.uniqueName === value);
  throw badRequest(`Resource not found for the segment: '${named[1]}' is no key of applications.`);
}

/** PATCH, which is an upsert with `Prefer: create-if-missing` on an alternate key. */
async function update(c: GraphContext, fabric: Fabric, key: string): Promise<Response> {
  const directory = directoryOf(fabric);
  const body = await readBody<ApplicationBody>(c.req.raw, applicationShape);
  const found = findApplication(directory, key);
  if (found === undefined) {
    const uniqueName = /^uniqueName=(.+)$/s.exec(key)?.[1];
    const mayCreate = /\bcreate-if-missing\b/i.test(c.req.header('prefer') ?? '');
    if (!mayCreate || uniqueName === undefined) throw notFound(key.replace(/^\w+=/, ''));
    return created(c, fabric, { ...body, uniqueName });
  }
  demandPermission(c, WRITE_APPLICATIONS, found.ownerId);
  demandMayMapClaims(c, body);
  const latest = directory.applications.latest(found.id);
  if (latest === undefined) throw notFound(found.id);
  const changed = changedApplication(directory, latest, body, latest);
  directory.applications.put(changed);
  if (changed.displayName !== latest.displayName) renamePrincipal(directory, changed);
  return c.body(null, 204);
}

/** A service principal of this tenant carries the name of its application. */
function renamePrincipal(directory: Directory, { appId, displayName }: Application): void {
  const principal = directory.servicePrincipals.all().find((item) => item.appId === appId);
  if (principal !== undefined) directory.servicePrincipals.put({ ...principal, displayName });
}

function created(c: GraphContext, fabric: Fabric, body: ApplicationBody): Response {
  const callerId = c.get('claims').oid;
  demandPermission(c, WRITE_APPLICATIONS, callerId);
  demandMayMapClaims(c, body);
  if (body.displayName === undefined) {
    throw badRequest("A value is required for property 'displayName' of resource 'Application'.");
  }
  const directory = directoryOf(fabric);
  const base = newApplication(fabric.clock.now(), { displayName: body.displayName, ownerId: callerId });
  const application = changedApplication(directory, base, body, undefined);
  directory.applications.put(application);
  c.header('Location', `https://graph.microsoft.com/v1.0/applications/${application.id}`);
  return c.json(presentApplication(directory, application), 201);
}

/** `acceptMappedClaims` is beyond `Application.ReadWrite.OwnedBy` (Graph permissions reference). */
function demandMayMapClaims(c: GraphContext, body: ApplicationBody): void {
  if (body.api?.acceptMappedClaims !== true || !onlyOwned(c)) return;
  throw new GraphError(
    403,
    'Authorization_RequestDenied',
    'Insufficient privileges to complete the operation.',
  );
}

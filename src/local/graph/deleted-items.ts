import type { Hono } from 'hono';
import { DAY } from '../../core/clock.ts';
import { type Directory, directoryOf } from '../directory/directory.ts';
import type { Application, DeletedItem, DeletedKind, ServicePrincipal, User } from '../directory/objects.ts';
import type { Fabric } from '../fabric.ts';
import { demandPermission, type GraphContext, type GraphEnv } from './caller.ts';
import { purge } from './deletion.ts';
import { badRequest, GraphError, notFound } from './graph-error.ts';
import { pageOf } from './query.ts';

/** Deleted objects can be restored for this long. */
const RETENTION = 30 * DAY;

const KINDS: Readonly<Record<string, DeletedKind>> = {
  'microsoft.graph.application': 'application',
  'microsoft.graph.servicePrincipal': 'servicePrincipal',
  'microsoft.graph.user': 'user',
};

const READ: Readonly<Record<DeletedKind, readonly string[]>> = {
  application: ['Application.Read.All', 'Application.ReadWrite.All', 'Application.ReadWrite.OwnedBy'],
  servicePrincipal: ['Application.Read.All', 'Application.ReadWrite.All', 'Application.ReadWrite.OwnedBy'],
  user: ['User.Read.All', 'User.ReadWrite.All'],
};
const WRITE: Readonly<Record<DeletedKind, readonly string[]>> = {
  application: ['Application.ReadWrite.All', 'Application.ReadWrite.OwnedBy'],
  servicePrincipal: ['Application.ReadWrite.All', 'Application.ReadWrite.OwnedBy'],
  user: ['User.ReadWrite.All'],
};

export function deletedItemRoutes(app: Hono<GraphEnv>, fabric: Fabric): void {
  const directory = directoryOf(fabric);
  app.get('/directory/deletedItems/:key', (c) => {
    sweep(fabric, directory);
    const key = c.req.param('key');
    const kind = KINDS[key];
    if (kind === undefined) return c.json(present(itemAt(c, directory, key, READ)));
    demandPermission(c, READ[kind]);
    const items = directory.deletedItems.list().filter((item) => item.kind === kind);
    return c.json(pageOf(items.map(present), c.req.url, ['id', 'displayName', 'appId', 'uniqueName']));
  });
  app.delete('/directory/deletedItems/:key', (c) => {
    const item = itemAt(c, directory, c.req.param('key'), WRITE);
    purge(directory, item.id);
    return c.body(null, 204);
  });
  app.post('/directory/deletedItems/:key/restore', (c) => {
    sweep(fabric, directory);
    const item = itemAt(c, directory, c.req.param('key'), WRITE);
    restore(directory, item);
    directory.deletedItems.delete(item.id);
    return c.json(present(item));
  });
}

function restore(directory: Directory, item: DeletedItem): void {
  if (item.kind === 'user') {
    const user = item.object as User;
    const name = user.userPrincipalName.toLowerCase();
    if (directory.users.all().some((other) => other.userPrincipalName.toLowerCase() === name)) {
      throw badRequest('Another object with the same value for property userPrincipalName already exists.');
    }
    directory.users.put(user);
    return;
  }
  if (item.kind === 'application') {
    directory.applications.put(item.object as Application);
    return;
  }
  const principal = item.object as ServicePrincipal;
  if (directory.servicePrincipals.all().some((other) => other.appId === principal.appId)) {
    throw new GraphError(
      409,
      'Request_MultipleObjectsWithSameKeyValue',
      'The service principal cannot be created, updated, or restored because the service principal name is already in use.',
    );
  }
  directory.servicePrincipals.put(principal);
}

function itemAt(
  c: GraphContext,
  directory: Directory,
  id: string,
  permissions: Readonly<Record<DeletedKind, readonly string[]>>,
): DeletedItem {
  const item = directory.deletedItems.get(id);
  if (item === undefined) throw notFound(id);
  const ownerId = 'ownerId' in item.object ? item.object.ownerId : null;
  demandPermission(c, permissions[item.kind], ownerId);
  return item;
}

function sweep(fabric: Fabric, directory: Directory): void {
  const oldest = fabric.clock.now() - RETENTION;
  for (const item of directory.deletedItems.all()) {
    if (Date.parse(item.deletedDateTime) < oldest) purge(directory, item.id);
  }
}

function present(item: DeletedItem): Record<string, unknown> {
  const { object, kind, deletedDateTime } = item;
  return {
    '@odata.type': `#microsoft.graph.${kind}`,
    id: item.id,
    deletedDateTime,
    displayName: object.displayName,
    ...('appId' in object ? { appId: object.appId } : {}),
    ...('uniqueName' in object ? { uniqueName: object.uniqueName } : {}),
    ...('userPrincipalName' in object ? { userPrincipalName: object.userPrincipalName } : {}),
  };
}

import type { Hono } from 'hono';
import {
  appRolesOf,
  type Directory,
  directoryOf,
  namesOf,
  permissionScopesOf,
} from '../directory/directory.ts';
import { newServicePrincipal } from '../directory/new-objects.ts';
import type { ServicePrincipal } from '../directory/objects.ts';
import type { Fabric } from '../fabric.ts';
import { readBody } from './body.ts';
import {
  demandPermission,
  type GraphContext,
  type GraphEnv,
  READ_APPLICATIONS,
  WRITE_APPLICATIONS,
} from './caller.ts';
import { softDeleteServicePrincipal } from './deletion.ts';
import { badRequest, GraphError, notFound } from './graph-error.ts';
import { pageOf, selectedFrom } from './query.ts';
import { flag, isUuid, list, nullable, record, text, uuid } from './shape.ts';

type Body = Partial<
  Pick<
    ServicePrincipal,
    | 'appId'
    | 'accountEnabled'
    | 'appRoleAssignmentRequired'
    | 'description'
    | 'notes'
    | 'tags'
    | 'preferredSingleSignOnMode'
  >
>;

const FILTERABLE = ['appId', 'displayName', 'id', 'servicePrincipalNames', 'servicePrincipalType', 'tags'];

const bodyShape = record(
  {
    appId: uuid,
    accountEnabled: flag,
    appRoleAssignmentRequired: flag,
    description: nullable(text({ max: 1024 })),
    notes: nullable(text({ max: 1024 })),
    tags: list(text({ min: 1, max: 256 })),
    preferredSingleSignOnMode: nullable(text({ max: 40 })),
  },
  {
    readOnly: [
      ...['id', 'appDisplayName', 'appOwnerOrganizationId', 'createdDateTime', 'oauth2PermissionScopes'],
      ...['signInAudience', 'replyUrls', 'servicePrincipalNames', 'appRoles', 'servicePrincipalType'],
    ],
    notModelled: [
      ...[
        'addIns',
        'alternativeNames',
        'customSecurityAttributes',
        'displayName',
        'homepage',
        'keyCredentials',
      ],
      ...[
        'loginUrl',
        'logoutUrl',
        'notificationEmailAddresses',
        'passwordCredentials',
        'samlSingleSignOnSettings',
      ],
      ...['preferredTokenSigningKeyThumbprint', 'tokenEncryptionKeyId'],
    ],
  },
);

export function servicePrincipalRoutes(app: Hono<GraphEnv>, fabric: Fabric): void {
  const directory = directoryOf(fabric);
  app.get('/servicePrincipals', (c) => {
    demandPermission(c, READ_APPLICATIONS);
    const items = directory.servicePrincipals.list().map((item) => presentServicePrincipal(directory, item));
    return c.json(pageOf(items, c.req.url, FILTERABLE));
  });
  app.post('/servicePrincipals', async (c) => {
    const body = await readBody<Body>(c.req.raw, bodyShape);
    if (body.appId === undefined) {
      throw badRequest("A value is required for property 'appId' of resource 'ServicePrincipal'.");
    }
    return created(c, fabric, body.appId, body);
  });
  app.get('/servicePrincipals/:key', (c) => {
    const principal = servicePrincipalAt(directory, c.req.param('key'));
    demandPermission(c, READ_APPLICATIONS, principal.ownerId);
    return c.json(selectedFrom(presentServicePrincipal(directory, principal), c.req.url));
  });
  app.patch('/servicePrincipals/:key', (c) => update(c, fabric, c.req.param('key')));
  app.delete('/servicePrincipals/:key', (c) => {
    const principal = servicePrincipalAt(directory, c.req.param('key'));
    demandPermission(c, WRITE_APPLICATIONS, principal.ownerId);
    if (principal.servicePrincipalType === 'ManagedIdentity' || principal.firstParty !== null) {
      throw new GraphError(
        403,
        'Authorization_RequestDenied',
        'Managed identities and service principals of Microsoft cannot be deleted here.',
      );
    }
    softDeleteServicePrincipal(fabric, principal.id);
    return c.body(null, 204);
  });
}

/** The service principal a key segment names: object id or `appId=…`. @throws GraphError 404, 400 */
export function servicePrincipalAt(directory: Directory, key: string): ServicePrincipal {
  const found = findServicePrincipal(directory, key);
  if (found === undefined) throw notFound(key.replace(/^\w+=/, ''));
  return found;
}

export function presentServicePrincipal(
  directory: Directory,
  principal: ServicePrincipal,
): Record<string, unknown> {
  const resource = directory.resourceOf(principal);
  const { firstParty, resourceId, ownerId: _owner, claimsMappingPolicies: _policies, ...shown } = principal;
  const { application } = resource;
  const urls = application === undefined ? [] : [application.web, application.spa, application.publicClient];
  return {
    ...shown,
    deletedDateTime: null,
    appDisplayName: application?.displayName ?? principal.displayName,
    appOwnerOrganizationId: firstParty === null ? directory.tenantId : 'f8cdef31-a31e-4b4a-93e4-5f571e91255a',
    alternativeNames: resourceId === null ? [] : ['isExplicit=False', resourceId],
    servicePrincipalNames: namesOf(resource),
    signInAudience: application?.signInAudience ?? 'AzureADMultipleOrgs',
    replyUrls: urls.flatMap((platform) => platform.redirectUris),
    appRoles: appRolesOf(resource),
    oauth2PermissionScopes: permissionScopesOf(resource),
    keyCredentials: [],
    passwordCredentials: [],
  };
}

function findServicePrincipal(directory: Directory, key: string): ServicePrincipal | undefined {
  const named = /^(\w+)=(.*)$/s.exec(key);
  if (named === null) {
    if (!isUuid(key)) throw badRequest(`Invalid object identifier '${key.slice(0, 100)}'.`);
    return directory.servicePrincipals.get(key);
  }
  if (named[1] === 'appId') return directory.servicePrincipalByAppId(named[2] ?? '');
  throw badRequest(`Resource not found for the segment: '${named[1]}' is no key of servicePrincipals.`);
}

/** PATCH, which is an upsert with `Prefer: create-if-missing` by `appId`. */
async function update(c: GraphContext, fabric: Fabric, key: string): Promise<Response> {
  const directory = directoryOf(fabric);
  const body = await readBody<Body>(c.req.raw, bodyShape);
  const found = findServicePrincipal(directory, key);
  if (found === undefined) {
    const appId = /^appId=(.+)$/s.exec(key)?.[1];
    const mayCreate = /\bcreate-if-missing\b/i.test(c.req.header('prefer') ?? '');
    if (!mayCreate || appId === undefined) throw notFound(key.replace(/^\w+=/, ''));
    return created(c, fabric, appId, body);
  }
  demandPermission(c, WRITE_APPLICATIONS, found.ownerId);
  if (body.appId !== undefined && body.appId !== found.appId) {
    throw badRequest("Property 'appId' is read-only and cannot be set.");
  }
  const latest = directory.servicePrincipals.latest(found.id);
  if (latest === undefined) throw notFound(found.id);
  directory.servicePrincipals.put({ ...latest, ...body });
  return c.body(null, 204);
}

function created(c: GraphContext, fabric: Fabric, appId: string, body: Body): Response {
  const directory = directoryOf(fabric);
  const application = directory.applicationByAppId(appId);
  const callerId = c.get('claims').oid;
  demandPermission(c, WRITE_APPLICATIONS, application?.ownerId ?? null);
  if (application === undefined) {
    const message = `The appId '${appId.slice(0, 100)}' of the service principal does not reference a valid application object.`;
    throw badRequest(message, [{ code: 'NoBackingApplicationObject', message, target: 'appId' }]);
  }
  if (directory.servicePrincipals.all().some((item) => item.appId === application.appId)) {
    throw new GraphError(
      409,
      'Request_MultipleObjectsWithSameKeyValue',
      `The service principal cannot be created, updated, or restored because the service principal name ` +
        `${application.appId} is already in use.`,
    );
  }
  const principal = newServicePrincipal(fabric.clock.now(), {
    ...body,
    appId: application.appId,
    displayName: application.displayName,
    ownerId: callerId,
  });
  directory.servicePrincipals.put(principal);
  c.header('Location', `https://graph.microsoft.com/v1.0/servicePrincipals/${principal.id}`);
  return c.json(presentServicePrincipal(directory, principal), 201);
}

import { randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import { type Directory, directoryOf } from '../directory/directory.ts';
import type { ExtensionProperty } from '../directory/objects.ts';
import type { Fabric } from '../fabric.ts';
import { takenValue } from './application-rules.ts';
import { applicationAt } from './applications.ts';
import { readBody } from './body.ts';
import { demandPermission, type GraphEnv, READ_APPLICATIONS, WRITE_APPLICATIONS } from './caller.ts';
import { badRequest, notFound } from './graph-error.ts';
import { pageOf } from './query.ts';
import { flag, list, oneOf, record, text } from './shape.ts';

type Body = Pick<ExtensionProperty, 'name' | 'dataType' | 'targetObjects' | 'isMultiValued'>;

const bodyShape = record(
  {
    name: text({ min: 1, max: 100 }),
    dataType: oneOf('Binary', 'Boolean', 'DateTime', 'Integer', 'LargeInteger', 'String'),
    targetObjects: list(
      oneOf('User', 'Group', 'AdministrativeUnit', 'Application', 'Device', 'Organization'),
      6,
    ),
    isMultiValued: flag,
  },
  { required: ['name', 'dataType', 'targetObjects'], defaults: { isMultiValued: false } },
);

export function extensionPropertyRoutes(app: Hono<GraphEnv>, fabric: Fabric): void {
  const directory = directoryOf(fabric);
  const owned = (id: string) =>
    directory.extensionProperties.list().filter((item) => item.applicationId === id);
  app.get('/applications/:key/extensionProperties', (c) => {
    const application = applicationAt(directory, c.req.param('key'));
    demandPermission(c, READ_APPLICATIONS, application.ownerId);
    return c.json(pageOf(owned(application.id).map(present), c.req.url, ['name']));
  });
  app.post('/applications/:key/extensionProperties', async (c) => {
    const application = applicationAt(directory, c.req.param('key'));
    demandPermission(c, WRITE_APPLICATIONS, application.ownerId);
    const body = await readBody<Body>(c.req.raw, bodyShape);
    if (!/^[A-Za-z0-9_]+$/.test(body.name)) {
      throw badRequest("Invalid value specified for property 'name' of resource 'ExtensionProperty'.");
    }
    const name = `extension_${application.appId.replaceAll('-', '')}_${body.name}`;
    if (directory.extensionProperties.all().some((item) => item.name === name)) throw takenValue('name');
    const property: ExtensionProperty = {
      ...body,
      id: randomUUID(),
      applicationId: application.id,
      appDisplayName: application.displayName,
      name,
    };
    directory.extensionProperties.put(property);
    return c.json(present(property), 201);
  });
  app.get('/applications/:key/extensionProperties/:id', (c) => {
    const application = applicationAt(directory, c.req.param('key'));
    demandPermission(c, READ_APPLICATIONS, application.ownerId);
    const property = owned(application.id).find((item) => item.id === c.req.param('id'));
    if (property === undefined) throw notFound(c.req.param('id'));
    return c.json(present(property));
  });
  app.delete('/applications/:key/extensionProperties/:id', (c) => {
    const application = applicationAt(directory, c.req.param('key'));
    demandPermission(c, WRITE_APPLICATIONS, application.ownerId);
    const property = owned(application.id).find((item) => item.id === c.req.param('id'));
    if (property === undefined) throw notFound(c.req.param('id'));
    directory.extensionProperties.delete(property.id);
    return c.body(null, 204);
  });
}

/** Values for extension properties of users, checked against their definitions. @throws GraphError 400 */
export function checkedExtensions(
  directory: Directory,
  values: Readonly<Record<string, unknown>>,
): Record<string, string | number | boolean | null> {
  const checked: Record<string, string | number | boolean | null> = {};
  for (const [name, value] of Object.entries(values)) {
    const property = directory.extensionProperties.list().find((item) => item.name === name);
    const isUsable =
      property !== undefined && directory.applications.get(property.applicationId) !== undefined;
    if (!isUsable || !property.targetObjects.includes('User')) {
      throw badRequest(`The following extension properties are not available: ${name.slice(0, 200)}.`);
    }
    if (value !== null && !fits(property, value)) {
      throw badRequest(`Invalid value specified for property '${name}' of resource 'User'.`);
    }
    checked[name] = value as string | number | boolean | null;
  }
  return checked;
}

function fits(property: ExtensionProperty, value: unknown): boolean {
  if (property.isMultiValued) return false;
  switch (property.dataType) {
    case 'Boolean':
      return typeof value === 'boolean';
    case 'Integer':
    case 'LargeInteger':
      return Number.isSafeInteger(value);
    default:
      return typeof value === 'string' && value.length <= 256;
  }
}

function present(property: ExtensionProperty): Record<string, unknown> {
  const { applicationId: _applicationId, ...shown } = property;
  return { ...shown, deletedDateTime: null, isSyncedFromOnPremises: false };
}

import { randomUUID } from 'node:crypto';
import type { Hono } from 'hono';
import { type Directory, directoryOf } from '../directory/directory.ts';
import type { ClaimsMappingPolicy, ServicePrincipal } from '../directory/objects.ts';
import type { Fabric } from '../fabric.ts';
import { readBody } from './body.ts';
import { demandPermission, type GraphContext, type GraphEnv } from './caller.ts';
import { demandPolicyDefinition } from './claims-policy-definition.ts';
import { badRequest, GraphError, notFound } from './graph-error.ts';
import { pageOf } from './query.ts';
import { presentServicePrincipal, servicePrincipalAt } from './service-principals.ts';
import { flag, list, record, text } from './shape.ts';

const WRITE = ['Policy.ReadWrite.ApplicationConfiguration'];
const READ = [...WRITE, 'Policy.Read.All'];
const FILTERABLE = ['id', 'displayName'];
const COLLECTION = '/policies/claimsMappingPolicies';
const ASSIGNED = '/servicePrincipals/:key/claimsMappingPolicies';

type Body = Partial<Omit<ClaimsMappingPolicy, 'id'>>;

const properties = {
  definition: list(text({ max: 20_000 })),
  displayName: text({ min: 1, max: 256 }),
  isOrganizationDefault: flag,
};
const bodyShape = record(properties, { readOnly: ['id'] });
const referenceShape = (value: unknown) => value;

export function claimsPolicyRoutes(app: Hono<GraphEnv>, fabric: Fabric): void {
  policyRoutes(app, fabric);
  assignmentRoutes(app, fabric);
}

function policyRoutes(app: Hono<GraphEnv>, fabric: Fabric): void {
  const directory = directoryOf(fabric);
  const { claimsMappingPolicies: policies } = directory;
  app.get(COLLECTION, (c) => {
    demandPermission(c, READ);
    return c.json(pageOf(policies.list().map(present), c.req.url, FILTERABLE));
  });
  app.post(COLLECTION, async (c) => {
    demandPermission(c, WRITE);
    const policy = checked({ id: randomUUID() }, await readBody<Body>(c.req.raw, bodyShape));
    policies.put(policy);
    return c.json(present(policy), 201);
  });
  app.get(`${COLLECTION}/:id`, (c) => {
    demandPermission(c, READ);
    return c.json(present(policyAt(directory, c.req.param('id'))));
  });
  app.patch(`${COLLECTION}/:id`, async (c) => {
    demandPermission(c, WRITE);
    const policy = policyAt(directory, c.req.param('id'));
    policies.put(checked(policies.latest(policy.id) ?? policy, await readBody<Body>(c.req.raw, bodyShape)));
    return c.body(null, 204);
  });
  app.delete(`${COLLECTION}/:id`, (c) => {
    demandPermission(c, WRITE);
    const { id } = policyAt(directory, c.req.param('id'));
    for (const principal of directory.servicePrincipals.all()) {
      if (principal.claimsMappingPolicies.includes(id)) unassign(directory, principal, id);
    }
    policies.delete(id);
    return c.body(null, 204);
  });
  app.get(`${COLLECTION}/:id/appliesTo`, (c) => {
    demandPermission(c, READ);
    const { id } = policyAt(directory, c.req.param('id'));
    const items = directory.servicePrincipals
      .list()
      .filter((item) => item.claimsMappingPolicies.includes(id));
    const shown = items.map((item) => ({
      '@odata.type': '#microsoft.graph.servicePrincipal',
      ...presentServicePrincipal(directory, item),
    }));
    return c.json(pageOf(shown, c.req.url, []));
  });
}

function assignmentRoutes(app: Hono<GraphEnv>, fabric: Fabric): void {
  const directory = directoryOf(fabric);
  app.get(ASSIGNED, (c) => {
    demandPermission(c, READ);
    const principal = servicePrincipalAt(directory, c.req.param('key'));
    const items = principal.claimsMappingPolicies.flatMap(
      (id) => directory.claimsMappingPolicies.get(id) ?? [],
    );
    return c.json(pageOf(items.map(present), c.req.url, FILTERABLE));
  });
  app.post(`${ASSIGNED}/$ref`, async (c) => {
    const principal = assignable(c, directory);
    const policyId = referenceOf(await readBody<unknown>(c.req.raw, referenceShape));
    const policy = policyAt(directory, policyId);
    if (principal.claimsMappingPolicies.length > 0) {
      const message =
        'A conflicting object with one or more of the specified property values is present in the directory.';
      throw badRequest(message, [{ code: 'ObjectConflict', message, target: 'policies' }]);
    }
    directory.servicePrincipals.put({ ...principal, claimsMappingPolicies: [policy.id] });
    return c.body(null, 204);
  });
  app.delete(`${ASSIGNED}/:id/$ref`, (c) => {
    const principal = assignable(c, directory);
    const id = c.req.param('id').toLowerCase();
    if (!principal.claimsMappingPolicies.includes(id)) throw notFound(id);
    unassign(directory, principal, id);
    return c.body(null, 204);
  });
}

/** @throws GraphError 403: assigning takes rights on policies and on applications; Microsoft's services take none */
function assignable(c: GraphContext, directory: Directory): ServicePrincipal {
  const seen = servicePrincipalAt(directory, c.req.param('key') ?? '');
  demandPermission(c, WRITE);
  demandPermission(c, ['Application.ReadWrite.All']);
  if (seen.firstParty !== null) {
    throw new GraphError(
      403,
      'Authorization_RequestDenied',
      'Insufficient privileges to complete the operation.',
    );
  }
  return directory.servicePrincipals.latest(seen.id) ?? seen;
}

function unassign(directory: Directory, principal: ServicePrincipal, policyId: string): void {
  const rest = principal.claimsMappingPolicies.filter((id) => id !== policyId);
  directory.servicePrincipals.put({ ...principal, claimsMappingPolicies: rest });
}

/** `{"@odata.id": "https://graph.microsoft.com/v1.0/policies/claimsMappingPolicies/{id}"}`. */
function referenceOf(body: unknown): string {
  const link =
    typeof body === 'object' && body !== null && '@odata.id' in body ? body['@odata.id'] : undefined;
  const pattern =
    /^https:\/\/graph\.microsoft\.com\/v1\.0\/policies\/claimsMappingPolicies\/([0-9a-f-]{36})$/i;
  const id = typeof link === 'string' ? pattern.exec(link)?.[1] : undefined;
  if (id === undefined) throw badRequest("Invalid URL format specified in payload: '@odata.id'.");
  return id.toLowerCase();
}

function checked(
  base: Partial<ClaimsMappingPolicy> & { readonly id: string },
  body: Body,
): ClaimsMappingPolicy {
  const { id, definition, displayName, isOrganizationDefault = false } = { ...base, ...body };
  if (definition === undefined || displayName === undefined) {
    throw badRequest("A value is required for property 'definition' and 'displayName' of resource 'Policy'.");
  }
  if (isOrganizationDefault) throw badRequest('Claims mapping policies cannot be the organization default.');
  demandPolicyDefinition(definition);
  return { id, definition, displayName, isOrganizationDefault };
}

function policyAt(directory: Directory, id: string): ClaimsMappingPolicy {
  const policy = directory.claimsMappingPolicies.get(id);
  if (policy === undefined) throw notFound(id);
  return policy;
}

function present(policy: ClaimsMappingPolicy): Record<string, unknown> {
  return { ...policy, deletedDateTime: null };
}

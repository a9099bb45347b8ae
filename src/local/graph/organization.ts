import type { Hono } from 'hono';
import { type Directory, directoryOf } from '../directory/directory.ts';
import type { Fabric } from '../fabric.ts';
import { demandPermission, type GraphEnv } from './caller.ts';
import { notFound } from './graph-error.ts';
import { pageOf, selectedFrom } from './query.ts';

const READ_ORGANIZATION = ['Organization.Read.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];
const READ_DOMAINS = ['Domain.Read.All', 'Directory.Read.All', 'Directory.ReadWrite.All'];

/** The tenant itself and its verified domains. */
export function organizationRoutes(app: Hono<GraphEnv>, fabric: Fabric): void {
  const directory = directoryOf(fabric);
  app.get('/organization', (c) => {
    demandPermission(c, READ_ORGANIZATION);
    return c.json(pageOf([organizationOf(directory)], c.req.url, []));
  });
  app.get('/organization/:id', (c) => {
    demandPermission(c, READ_ORGANIZATION);
    if (c.req.param('id').toLowerCase() !== directory.tenantId) throw notFound(c.req.param('id'));
    return c.json(selectedFrom(organizationOf(directory), c.req.url));
  });
  app.get('/domains', (c) => {
    demandPermission(c, READ_DOMAINS);
    return c.json(pageOf(domainsOf(directory), c.req.url, []));
  });
}

function organizationOf(directory: Directory): Record<string, unknown> {
  return {
    id: directory.tenantId,
    displayName: 'smartfhir laptop',
    tenantType: 'AAD',
    verifiedDomains: directory.verifiedDomains.map((name, index) => ({
      name,
      type: 'Managed',
      capabilities: 'Email, OfficeCommunicationsOnline',
      isDefault: index === 0,
      isInitial: index === 0,
    })),
  };
}

function domainsOf(directory: Directory): Record<string, unknown>[] {
  return directory.verifiedDomains.map((id, index) => ({
    id,
    authenticationType: 'Managed',
    isAdminManaged: true,
    isDefault: index === 0,
    isInitial: index === 0,
    isRoot: true,
    isVerified: true,
    supportedServices: ['Email', 'OfficeCommunicationsOnline'],
  }));
}

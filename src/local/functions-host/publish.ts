import { Hono } from 'hono';
import { messageOf } from '../../core/errors.ts';
import { type AccessClaims, authenticate, BearerError } from '../bearer.ts';
import { PUBLISH_ACTION, PUBLISH_ANSWERS_ID, PUBLISHED_PACKAGE_BLOB } from '../beliefs.ts';
import type { Fabric } from '../fabric.ts';
import { isAllowed } from '../rbac.ts';
import type { StoredResource } from '../resources.ts';
import { identityAuthorization } from './managed-identity.ts';
import { PACKAGE_LIMIT_BYTES, readPackage } from './package-files.ts';
import {
  type Deployment,
  DeploymentStatus,
  member,
  recordDeployment,
  siteByHost,
  siteRecord,
} from './site-records.ts';

const ARM_AUDIENCES = ['https://management.azure.com', 'https://management.core.windows.net'];
export const STORAGE_RESOURCE = 'https://storage.azure.com';
export const STORAGE_VERSION = '2023-11-03';
const READ_ACTION = 'Microsoft.Web/sites/read';

interface Variables {
  site: StoredResource;
  claims: AccessClaims;
}

/** `{app}.scm.azurewebsites.net`: what Kudu offers on Flex Consumption. */
export function publishSite(fabric: Fabric): Hono<{ Variables: Variables }> {
  const app = new Hono<{ Variables: Variables }>();
  app.use(async (context, next) => {
    const host = new URL(context.req.url).hostname.replace('.scm.', '.');
    const site = siteByHost(fabric, host);
    if (site === undefined) return context.body(null, 404);
    try {
      context.set('claims', await authenticate(fabric, context.req.raw, { audiences: ARM_AUDIENCES }));
    } catch (error) {
      if (!(error instanceof BearerError)) throw error;
      return context.body(null, 401);
    }
    const action = context.req.method === 'GET' ? READ_ACTION : PUBLISH_ACTION;
    const principalId = context.get('claims').oid;
    if (!isAllowed(fabric, { principalId, scope: site.id, action, data: false }))
      return context.body(null, 403);
    context.set('site', site);
    return next();
  });
  app.post('/api/publish', async (context) => {
    const site = context.get('site');
    const zip = await readLimited(context.req.raw);
    if (zip === undefined) return context.text('The package is too large.', 413);
    const deployment = startDeployment(fabric, site, {
      author: context.req.query('author') ?? 'N/A',
      deployer: context.req.query('Deployer') ?? context.get('claims').clientId,
    });
    const work = deploy(fabric, site, deployment, zip);
    if (context.req.query('isAsync')?.toLowerCase() === 'true') {
      void work;
      return context.json(PUBLISH_ANSWERS_ID ? deployment.id : null, 202);
    }
    const ended = await work;
    return ended.status === DeploymentStatus.success
      ? context.json(PUBLISH_ANSWERS_ID ? ended.id : null, 200)
      : context.text(ended.message, 400);
  });
  app.get('/api/deployments', (context) => {
    const { id } = context.get('site');
    return context.json(siteRecord(fabric, id).deployments.map((item) => presentDeployment(item)));
  });
  app.get('/api/deployments/:id', (context) => {
    const { deployments } = siteRecord(fabric, context.get('site').id);
    const wanted = context.req.param('id');
    const found = wanted === 'latest' ? deployments[0] : deployments.find((item) => item.id === wanted);
    return found === undefined ? context.body(null, 404) : context.json(presentDeployment(found));
  });
  app.all('*', (context) => {
    // Flex Consumption has no /api/zipdeploy and no other Kudu route here.
    fabric.log({
      standIn: 'functions',
      level: 'warn',
      text: `kudu: ${context.req.method} ${context.req.path} is not supported`,
    });
    return context.text(
      'not supported on Flex Consumption',
      context.req.path === '/api/zipdeploy' ? 404 : 501,
    );
  });
  return app;
}

function startDeployment(
  fabric: Fabric,
  site: StoredResource,
  by: Pick<Deployment, 'author' | 'deployer'>,
): Deployment {
  const deployment: Deployment = {
    id: crypto.randomUUID(),
    status: DeploymentStatus.deploying,
    message: 'Created via a push deployment',
    receivedAt: new Date(fabric.clock.now()).toISOString(),
    endedAt: null,
    ...by,
  };
  recordDeployment(fabric, site.id, deployment);
  return deployment;
}

/** Checks the package and stores it in the app's deployment container, as the app's identity. Never throws. */
async function deploy(
  fabric: Fabric,
  site: StoredResource,
  started: Deployment,
  zip: Uint8Array,
): Promise<Deployment> {
  let ended: Deployment;
  try {
    readPackage(zip);
    await storePackage(fabric, site, zip);
    ended = { ...started, status: DeploymentStatus.success };
  } catch (error) {
    const message = `Package deployment failed: ${messageOf(error)}`;
    fabric.log({ standIn: 'functions', level: 'error', text: `${site.name}: ${message}` });
    ended = { ...started, status: DeploymentStatus.failed, message };
  }
  ended = { ...ended, endedAt: new Date(fabric.clock.now()).toISOString() };
  recordDeployment(fabric, site.id, ended);
  return ended;
}

async function storePackage(fabric: Fabric, site: StoredResource, zip: Uint8Array): Promise<void> {
  const response = await fabric.fetch(
    new Request(packageUrl(site), {
      method: 'PUT',
      headers: {
        authorization: await identityAuthorization(fabric, site.id, STORAGE_RESOURCE),
        'x-ms-version': STORAGE_VERSION,
        'x-ms-blob-type': 'BlockBlob',
        'content-type': 'application/zip',
        'content-length': String(zip.byteLength),
      },
      body: new Uint8Array(zip),
    }),
  );
  if (response.status !== 201)
    throw new Error(`the deployment container answered ${response.status} to the upload`);
}

/** The package as it lies in the deployment container. @throws Error when it cannot be read */
export async function loadPackage(fabric: Fabric, site: StoredResource): Promise<Uint8Array> {
  const response = await fabric.fetch(
    new Request(packageUrl(site), {
      headers: {
        authorization: await identityAuthorization(fabric, site.id, STORAGE_RESOURCE),
        'x-ms-version': STORAGE_VERSION,
      },
    }),
  );
  if (response.status !== 200)
    throw new Error(`the deployment container answered ${response.status} to the download`);
  return new Uint8Array(await response.arrayBuffer());
}

function packageUrl(site: StoredResource): string {
  const storage = member(site.body, 'properties', 'functionAppConfig', 'deployment', 'storage');
  const kind = member(storage, 'authentication', 'type');
  if (kind !== 'SystemAssignedIdentity') {
    throw new Error(`deployment storage with ${String(kind)} is not supported on the laptop`);
  }
  return `${String(member(storage, 'value')).replace(/\/+$/, '')}/${PUBLISHED_PACKAGE_BLOB}`;
}

function presentDeployment(item: Deployment): Record<string, unknown> {
  return {
    id: item.id,
    status: item.status,
    status_text: '',
    message: item.message,
    author: item.author,
    deployer: item.deployer,
    progress: '',
    received_time: item.receivedAt,
    start_time: item.receivedAt,
    end_time: item.endedAt,
    last_success_end_time: item.status === DeploymentStatus.success ? item.endedAt : null,
    complete: item.endedAt !== null,
    active: item.status === DeploymentStatus.success,
    is_temp: false,
    is_readonly: true,
  };
}

async function readLimited(request: Request): Promise<Uint8Array | undefined> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > PACKAGE_LIMIT_BYTES) return undefined;
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

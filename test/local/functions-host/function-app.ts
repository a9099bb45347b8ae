import { build } from 'esbuild';
import { strToU8, zipSync } from 'fflate';
import type { Target } from '../../../src/core/target.ts';
import type { Cloud } from '../../../src/local/cloud.ts';
import { inProcessTarget } from '../../../src/local/laptop-target.ts';

const ARM = 'https://management.azure.com';
const ARM_SCOPE = `${ARM}/.default`;
const LOCATION = 'westeurope';
export const BLOB_OWNER = 'b7e6dc6d-f1e8-4753-8033-0f276bb0955b';
export const SECRETS_USER = '4633458b-17de-408a-b874-0445c86b69e6';
export const SECRETS_OFFICER = 'b86a8fe4-44ce-4948-aee5-eccb2c155cd7';

/** A provisioned but empty Function app, and the calls tests make to it. */
export interface FunctionApp {
  readonly siteId: string;
  readonly principalId: string;
  arm(
    method: string,
    path: string,
    body?: unknown,
    version?: string,
  ): Promise<{ status: number; body: Json }>;
  assign(role: string, scope: string, principalId?: string): Promise<void>;
  settings(values: Record<string, string>): Promise<number>;
  publish(zip: Uint8Array, query?: string): Promise<Response>;
  get(path: string, init?: RequestInit): Promise<Response>;
  keys(): Promise<{ masterKey: string; functionKeys: Record<string, string> }>;
}

export type Json = Record<string, never> & { [name: string]: never };

export const HOST_SETTINGS = {
  AzureWebJobsStorage__accountName: 'appstore1',
  AzureWebJobsStorage__credential: 'managedidentity',
};

/** Provisions through ARM as Azure would be: group, storage, plan, site; the identity gets its storage role last. */
export async function functionApp(
  cloud: Cloud,
  options: { storageRole?: boolean } = {},
): Promise<FunctionApp> {
  const target = inProcessTarget(cloud);
  const group = `/subscriptions/${cloud.fabric.subscriptionId}/resourceGroups/rg1`;
  const provider = `${group}/providers`;
  const storageId = `${provider}/Microsoft.Storage/storageAccounts/appstore1`;
  const planId = `${provider}/Microsoft.Web/serverfarms/plan1`;
  const siteId = `${provider}/Microsoft.Web/sites/app1`;
  const arm: FunctionApp['arm'] = (method, path, body, version = '2024-04-01') =>
    armCall(cloud, target, method, `${path}?api-version=${version}`, body);
  for (const name of ['Microsoft.Web', 'Microsoft.Storage', 'Microsoft.KeyVault']) {
    await arm(
      'POST',
      `/subscriptions/${cloud.fabric.subscriptionId}/providers/${name}/register`,
      undefined,
      '2021-04-01',
    );
  }
  await arm('PUT', group, { location: LOCATION }, '2024-03-01');
  await arm(
    'PUT',
    storageId,
    { location: LOCATION, kind: 'StorageV2', sku: { name: 'Standard_LRS' }, properties: {} },
    '2024-01-01',
  );
  await arm('PUT', `${storageId}/blobServices/default/containers/packages`, { properties: {} }, '2024-01-01');
  await arm('PUT', planId, PLAN);
  const site = await arm('PUT', siteId, siteBody(planId));
  if (site.status !== 200) throw new Error(JSON.stringify(site));
  const principalId = String((site.body['identity'] as unknown as { principalId: string }).principalId);
  const assign: FunctionApp['assign'] = async (role, scope, principal = principalId) => {
    const made = await arm(
      'PUT',
      `${scope}/providers/Microsoft.Authorization/roleAssignments/${crypto.randomUUID()}`,
      {
        properties: {
          roleDefinitionId: `/subscriptions/${cloud.fabric.subscriptionId}/providers/Microsoft.Authorization/roleDefinitions/${role}`,
          principalId: principal,
          principalType: 'ServicePrincipal',
        },
      },
      '2022-04-01',
    );
    if (made.status !== 201) throw new Error(JSON.stringify(made));
  };
  if (options.storageRole !== false) await assign(BLOB_OWNER, storageId);
  return {
    siteId,
    principalId,
    arm,
    assign,
    settings: async (values) =>
      (await arm('PUT', `${siteId}/config/appsettings`, { properties: { ...HOST_SETTINGS, ...values } }))
        .status,
    publish: async (zip, query = '') =>
      cloud.fetch(
        new Request(`https://app1.scm.azurewebsites.net/api/publish${query}`, {
          method: 'POST',
          body: new Uint8Array(zip),
          headers: { authorization: await bearer(target), 'content-type': 'application/zip' },
        }),
      ),
    get: (path, init) => cloud.fetch(new Request(`https://app1.azurewebsites.net${path}`, init)),
    keys: async () => (await arm('POST', `${siteId}/host/default/listKeys`)).body as never,
  };
}

export const PLAN = {
  location: LOCATION,
  kind: 'functionapp',
  sku: { name: 'FC1', tier: 'FlexConsumption' },
  properties: { reserved: true },
};

export function siteBody(planId: string): Record<string, unknown> & { properties: Record<string, unknown> } {
  return {
    location: LOCATION,
    kind: 'functionapp,linux',
    identity: { type: 'SystemAssigned' },
    properties: {
      serverFarmId: planId,
      httpsOnly: true,
      functionAppConfig: {
        deployment: {
          storage: {
            type: 'blobContainer',
            value: 'https://appstore1.blob.core.windows.net/packages',
            authentication: { type: 'SystemAssignedIdentity' },
          },
        },
        runtime: { name: 'node', version: '24' },
        scaleAndConcurrency: { instanceMemoryMB: 2048, maximumInstanceCount: 40 },
      },
    },
  };
}

export async function bearer(target: Target, scope = ARM_SCOPE): Promise<string> {
  return `Bearer ${(await target.credential.getToken(scope))?.token}`;
}

async function armCall(
  cloud: Cloud,
  target: Target,
  method: string,
  path: string,
  body: unknown,
): Promise<{ status: number; body: Json }> {
  const response = await cloud.fetch(
    new Request(`${ARM}${path}`, {
      method,
      headers: { authorization: await bearer(target), 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    }),
  );
  const text = await response.text();
  return { status: response.status, body: text === '' ? ({} as Json) : JSON.parse(text) };
}

/** A package of the v4 programming model, bundled as the real one is. */
export async function packageOf(source: string, extra: Record<string, string> = {}): Promise<Uint8Array> {
  const bundle = await build({
    stdin: { contents: source, resolveDir: process.cwd(), loader: 'ts' },
    bundle: true,
    platform: 'node',
    format: 'cjs',
    external: ['@azure/functions-core'],
    write: false,
    logLevel: 'silent',
  });
  return zipSync({
    'main.cjs': bundle.outputFiles[0]?.contents ?? new Uint8Array(),
    'host.json': strToU8(JSON.stringify({ version: '2.0' })),
    'package.json': strToU8(JSON.stringify({ main: 'main.cjs' })),
    ...Object.fromEntries(Object.entries(extra).map(([name, text]) => [name, strToU8(text)])),
  });
}

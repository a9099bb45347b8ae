import { FLEX_NODE_VERSIONS, FLEX_ONE_APP_PER_PLAN } from '../../beliefs.ts';
import { WEB_VERSIONS } from '../../functions-host/arm-versions.ts';
import {
  changeSiteRecord,
  deleteSiteRecord,
  member,
  SITE_TYPE,
  siteRecord,
} from '../../functions-host/site-records.ts';
import schema from '../../schemas/microsoft.web.json' with { type: 'json' };
import { checkBody } from '../body-check.ts';
import { ArmError, type ResourceRequest, type ResourceType } from '../resource-type.ts';
import { identityMember, removeIdentity } from '../system-identity.ts';
import { APP_SETTINGS_TYPE, checkSettings } from './web-app-settings.ts';
import { SERVER_FARM_TYPE } from './web-serverfarms.ts';

const MEMORY_SIZES: readonly unknown[] = [512, 2048, 4096];
const INSTANCES = { least: 40, most: 1000 };
const CONTAINER_URL =
  /^https:\/\/[a-z0-9]{3,24}\.blob\.core\.windows\.net\/[a-z0-9][a-z0-9-]{1,61}[a-z0-9]\/?$/;

/** Function apps on Flex Consumption. */
export const webSites: ResourceType = {
  type: SITE_TYPE,
  apiVersions: WEB_VERSIONS,
  put: 'sync',
  remove: 'sync',
  putStatus: { created: 200, updated: 200 },
  patch: true,
  write: (request) => {
    const body = checkBody(schema, SITE_TYPE, request.body);
    if (body['kind'] !== 'functionapp,linux') refuse('The kind must be "functionapp,linux" in this cloud.');
    if (!/^[A-Za-z0-9][A-Za-z0-9-]{0,58}[A-Za-z0-9]$/.test(request.name))
      refuse('The site name is not valid.');
    const properties = (member(body, 'properties') ?? {}) as Record<string, unknown>;
    checkPlan(request, properties['serverFarmId']);
    checkNameIsFree(request);
    checkFunctionAppConfig(properties['functionAppConfig']);
    const { siteConfig, ...kept } = properties;
    keepInlineSettings(request, siteConfig);
    const identity = identityMember(request);
    const host = `${request.name.toLowerCase()}.azurewebsites.net`;
    const { identity: _asked, ...rest } = body;
    return {
      ...rest,
      ...(identity === undefined ? {} : { identity }),
      properties: {
        httpsOnly: false,
        publicNetworkAccess: 'Enabled',
        ...kept,
        siteConfig: null,
        state: 'Running',
        enabled: true,
        availabilityState: 'Normal',
        usageState: 'Normal',
        sku: 'FlexConsumption',
        reserved: true,
        defaultHostName: host,
        hostNames: [host],
        enabledHostNames: [host, host.replace('.', '.scm.')],
        repositorySiteName: request.name,
        resourceGroup: /\/resourceGroups\/([^/]+)/i.exec(request.id)?.[1] ?? null,
        lastModifiedTimeUtc: new Date(request.fabric.clock.now()).toISOString(),
      },
    };
  },
  afterDelete: (request) => {
    removeIdentity(request);
    deleteSiteRecord(request.fabric, request.id);
  },
  actions: {
    restart: (request) => {
      const { restarts } = siteRecord(request.fabric, request.id);
      changeSiteRecord(request.fabric, request.id, { restarts: restarts + 1 });
    },
    syncfunctiontriggers: () => new Response(null, { status: 204 }),
  },
};

function refuse(message: string): never {
  throw new ArmError(400, 'BadRequest', message);
}

function checkPlan(request: ResourceRequest, planId: unknown): void {
  const plan = typeof planId === 'string' ? request.resources.get(planId) : undefined;
  if (plan === undefined || plan.type.toLowerCase() !== SERVER_FARM_TYPE.toLowerCase()) {
    throw new ArmError(
      404,
      'NotFound',
      `Cannot find serverFarm with name ${String(planId).split('/').at(-1)}.`,
    );
  }
  const others = request.resources
    .ofType(SITE_TYPE)
    .filter((site) => site.id.toLowerCase() !== request.id.toLowerCase())
    .filter(
      (site) =>
        String(member(site.body, 'properties', 'serverFarmId')).toLowerCase() === plan.id.toLowerCase(),
    );
  if (FLEX_ONE_APP_PER_PLAN && others.length > 0) refuse('A Flex Consumption plan can hold one app only.');
}

/** Site names are host names: one owner in the whole cloud. */
function checkNameIsFree(request: ResourceRequest): void {
  const taken = request.resources
    .ofType(SITE_TYPE)
    .some(
      (site) =>
        site.name.toLowerCase() === request.name.toLowerCase() &&
        site.id.toLowerCase() !== request.id.toLowerCase(),
    );
  if (taken) throw new ArmError(409, 'Conflict', `Website with given name ${request.name} already exists.`);
}

function checkFunctionAppConfig(config: unknown): void {
  const storage = member(config, 'deployment', 'storage');
  if (member(storage, 'type') !== 'blobContainer' || !CONTAINER_URL.test(String(member(storage, 'value')))) {
    refuse('Site.FunctionAppConfig.Deployment.Storage is invalid: a blobContainer and its URL are required.');
  }
  if (member(storage, 'authentication', 'type') === undefined) {
    refuse('Site.FunctionAppConfig.Deployment.Storage.Authentication is invalid: its type is required.');
  }
  const version = String(member(config, 'runtime', 'version'));
  if (
    member(config, 'runtime', 'name') !== 'node' ||
    !(FLEX_NODE_VERSIONS as readonly string[]).includes(version)
  ) {
    refuse(
      `Site.FunctionAppConfig.Runtime is invalid: only node ${FLEX_NODE_VERSIONS.join(', ')} is available.`,
    );
  }
  const memory = member(config, 'scaleAndConcurrency', 'instanceMemoryMB');
  if (!MEMORY_SIZES.includes(memory)) {
    refuse(
      `Site.FunctionAppConfig.ScaleAndConcurrency.InstanceMemoryMB must be one of ${MEMORY_SIZES.join(', ')}.`,
    );
  }
  const count = Number(member(config, 'scaleAndConcurrency', 'maximumInstanceCount'));
  if (!Number.isInteger(count) || count < INSTANCES.least || count > INSTANCES.most) {
    refuse(
      `Site.FunctionAppConfig.ScaleAndConcurrency.MaximumInstanceCount must lie between ${INSTANCES.least} and ${INSTANCES.most}.`,
    );
  }
}

/** Settings given inline replace all settings; the site's keys exist from the start. */
function keepInlineSettings(request: ResourceRequest, siteConfig: unknown): void {
  siteRecord(request.fabric, request.id);
  const inline = member(siteConfig, 'appSettings');
  if (!Array.isArray(inline)) return;
  const pairs = inline.map((item) => [String(member(item, 'name')), member(item, 'value')] as const);
  const properties = checkSettings(Object.fromEntries(pairs));
  const now = new Date(request.fabric.clock.now()).toISOString();
  request.resources.put({
    id: `${request.id}/config/appsettings`,
    name: 'appsettings',
    type: APP_SETTINGS_TYPE,
    etag: '',
    body: { properties },
    createdAt: now,
    changedAt: now,
  });
}

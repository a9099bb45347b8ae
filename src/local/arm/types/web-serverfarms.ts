import { WEB_VERSIONS } from '../../functions-host/arm-versions.ts';
import { member, SITE_TYPE } from '../../functions-host/site-records.ts';
import schema from '../../schemas/microsoft.web.json' with { type: 'json' };
import { checkBody } from '../body-check.ts';
import { ArmError, type ResourceRequest, type ResourceType } from '../resource-type.ts';

export const SERVER_FARM_TYPE = 'Microsoft.Web/serverfarms';

/** App Service plans; the laptop has Flex Consumption (FC1, Linux) only. */
export const webServerfarms: ResourceType = {
  type: SERVER_FARM_TYPE,
  apiVersions: WEB_VERSIONS,
  put: 'sync',
  remove: 'sync',
  putStatus: { created: 200, updated: 200 },
  patch: true,
  write: (request) => {
    const body = checkBody(schema, SERVER_FARM_TYPE, request.body);
    if (member(body, 'sku', 'name') !== 'FC1') {
      throw new ArmError(
        400,
        'BadRequest',
        'Only the Flex Consumption SKU (FC1) is available in this cloud.',
      );
    }
    if (member(body, 'properties', 'reserved') !== true) {
      throw new ArmError(
        400,
        'BadRequest',
        'Flex Consumption runs on Linux: properties.reserved must be true.',
      );
    }
    const properties = member(body, 'properties') as Record<string, unknown>;
    return {
      ...body,
      kind: 'functionapp',
      sku: { name: 'FC1', tier: 'FlexConsumption', size: 'FC1', family: 'FC', capacity: 0 },
      properties: {
        ...properties,
        status: 'Ready',
        provisioningState: 'Succeeded',
        numberOfSites: appsOf(request).length,
        geoRegion: body['location'],
        resourceGroup: /\/resourceGroups\/([^/]+)/i.exec(request.id)?.[1] ?? null,
        subscription: request.fabric.subscriptionId,
      },
    };
  },
  beforeDelete: (request) => {
    const names = appsOf(request).join(', ');
    if (names === '') return;
    const text = `Server farm '${request.name}' cannot be deleted because it has web app(s) ${names} assigned to it.`;
    throw new ArmError(409, 'Conflict', text);
  },
};

function appsOf(request: ResourceRequest): string[] {
  return request.resources
    .ofType(SITE_TYPE)
    .filter(
      (site) =>
        String(member(site.body, 'properties', 'serverFarmId')).toLowerCase() === request.id.toLowerCase(),
    )
    .map((site) => site.name);
}

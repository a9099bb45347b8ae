import type { ArmBody } from '../../azure/arm.ts';
import { failureOf, isFailure } from '../../azure/failure.ts';
import { SmartfhirError } from '../../core/errors.ts';
import { contentDiff, textAt } from '../arm-resource.ts';
import type { ResourceKind } from '../context.ts';
import { defineResource } from '../engine/resource.ts';
import { mergeTags } from '../owner.ts';
import { provider, RESOURCE } from '../resource-ids.ts';
import type { Tools } from '../tools.ts';

interface Want {
  readonly group: string;
  readonly name: string;
  readonly location: string;
  readonly sku: string;
  readonly publisherName: string;
  readonly publisherEmail: string;
}

/** API Management in front of the gateway. A soft-deleted service of this name is restored. */
export const apiManagementService: ResourceKind = ({ config, features, names, owner }) => {
  const { sku, publisherName, publisherEmail } = config.gateway;
  if (sku === 'Consumption' && !features.apimConsumption) {
    throw new SmartfhirError('NOT_SUPPORTED', 'this cloud has no Consumption tier of API Management', {
      fix: 'set gateway.sku in smartfhir.yaml to Developer or StandardV2',
    });
  }
  return [
    defineResource<Tools, Want, ArmBody>({
      id: RESOURCE.apim,
      type: 'api-management',
      label: `api-management ${names.apiManagement}`,
      dependsOn: [RESOURCE.group, provider('Microsoft.ApiManagement')],
      containedIn: RESOURCE.group,
      desired: () => ({
        group: names.resourceGroup,
        name: names.apiManagement,
        location: config.azure.location,
        sku,
        publisherName,
        publisherEmail,
      }),
      locate: (want) => want.name,
      async read({ apiManagement }, want) {
        const have = await apiManagement.getService(want.group, want.name);
        return have && { have, ownership: owner.owns(have.tags) ? 'ours' : 'foreign' };
      },
      diff: ({ location, sku: name, publisherName, publisherEmail }, have) =>
        contentDiff(
          {
            location,
            sku: { name },
            properties: { publisherName, publisherEmail },
            identity: { type: 'SystemAssigned' },
          },
          have,
          ['location', 'sku.name'],
        ),
      async apply({ apiManagement }, want, have) {
        const { group, name, ...settings } = want;
        const tags = mergeTags(have?.tags, owner.tags(RESOURCE.apim));
        const put = (restore: boolean): Promise<ArmBody> =>
          apiManagement.putService(group, name, { ...settings, tags, restore });
        try {
          return await put(false);
        } catch (error) {
          if (!isSoftDeleted(error)) throw error;
          await put(true);
          return put(false);
        }
      },
      destroy: ({ apiManagement }, have) => apiManagement.deleteService(names.resourceGroup, have.name),
      outputs: (have) => ({
        id: have.id,
        gatewayUrl: textAt(have, 'properties', 'gatewayUrl').replace(/\/+$/, ''),
        principalId: textAt(have, 'identity', 'principalId'),
      }),
    }),
  ];
};

function isSoftDeleted(error: unknown): boolean {
  return isFailure(error, 409) && failureOf(error)?.codes.some((code) => /SoftDelet/i.test(code)) === true;
}

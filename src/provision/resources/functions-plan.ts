import { SmartfhirError } from '../../core/errors.ts';
import { armResource } from '../arm-resource.ts';
import { groupId, type ResourceKind } from '../context.ts';
import { provider, RESOURCE } from '../resource-ids.ts';

/** The Flex Consumption plan of the gateway. */
export const functionsPlan: ResourceKind = (context) => {
  if (!context.features.flexConsumption) {
    throw new SmartfhirError('NOT_SUPPORTED', 'this cloud has no Flex Consumption plan for Functions', {
      why: 'the gateway runs on Flex Consumption; Linux Consumption is being retired',
    });
  }
  return [
    armResource({
      id: RESOURCE.plan,
      type: 'functions-plan',
      name: context.names.plan,
      dependsOn: [RESOURCE.group, provider('Microsoft.Web')],
      containedIn: RESOURCE.group,
      armId: () => `${groupId(context)}/providers/Microsoft.Web/serverfarms/${context.names.plan}`,
      content: () => ({
        location: context.config.azure.location,
        kind: 'functionapp',
        sku: { name: 'FC1', tier: 'FlexConsumption' },
        properties: { reserved: true },
      }),
      tagged: true,
      tags: context.owner.tags(RESOURCE.plan),
      replaces: ['location', 'sku.name'],
      outputs: (have) => ({ id: have.id }),
    }),
  ];
};

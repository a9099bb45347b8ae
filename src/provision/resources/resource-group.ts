import { armResource } from '../arm-resource.ts';
import { groupId, type ResourceKind } from '../context.ts';
import { RESOURCE } from '../resource-ids.ts';

export const resourceGroup: ResourceKind = (context) => [
  armResource({
    id: RESOURCE.group,
    type: 'resource-group',
    name: context.names.resourceGroup,
    dependsOn: [],
    armId: () => groupId(context),
    content: () => ({ location: context.config.azure.location, properties: {} }),
    tagged: true,
    tags: context.owner.tags(RESOURCE.group),
    outputs: (have) => ({ id: have.id }),
  }),
];

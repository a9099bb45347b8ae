import { armResource } from '../arm-resource.ts';
import { groupId, type ResourceKind } from '../context.ts';
import type { Resource } from '../engine/resource.ts';
import { RESOURCE } from '../resource-ids.ts';
import type { Tools } from '../tools.ts';

/** The group of the stack. As soon as somebody else keeps something in it, it is theirs as well and is not deleted. */
export const resourceGroup: ResourceKind = (context) => {
  const group = armResource({
    id: RESOURCE.group,
    type: 'resource-group',
    name: context.names.resourceGroup,
    dependsOn: [],
    armId: () => groupId(context),
    content: () => ({ location: context.config.azure.location, properties: {} }),
    tagged: true,
    tags: context.owner.tags(RESOURCE.group),
    outputs: (have) => ({ id: have.id }),
  });
  const read: Resource<Tools>['read'] = async (tools, want) => {
    const found = await group.read(tools, want);
    if (found?.ownership !== 'ours') return found;
    const content = await tools.arm.list(`${groupId(context)}/resources`);
    return content.every((item) => tools.owner.owns(item.tags)) ? found : { ...found, ownership: 'shared' };
  };
  return [{ ...group, read }];
};

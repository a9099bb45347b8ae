import { armResource } from '../arm-resource.ts';
import type { ResourceKind } from '../context.ts';
import { RESOURCE } from '../resource-ids.ts';

/** Where Flex Consumption keeps the published Function package. */
export const packageContainer: ResourceKind = ({ names }) => [
  armResource({
    id: RESOURCE.packages,
    type: 'blob-container',
    name: names.packageContainer,
    dependsOn: [RESOURCE.storage],
    containedIn: RESOURCE.storage,
    armId: (outputs) =>
      `${outputs.get(RESOURCE.storage, 'id')}/blobServices/default/containers/${names.packageContainer}`,
    content: () => ({ properties: { publicAccess: 'None' } }),
    tagged: false,
    tags: {},
    outputs: (have) => ({ id: have.id, name: have.name }),
  }),
];

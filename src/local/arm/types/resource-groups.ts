import { ArmError, type ResourceRequest, type ResourceType } from '../resource-type.ts';

/** 1–90 letters, digits, `_`, `-`, `.`, `(`, `)`, not ending with a period. */
const NAME = /^[\p{L}\p{N}_().-]{0,89}[\p{L}\p{N}_()-]$/u;
const MEMBERS = new Set(['id', 'name', 'type', 'location', 'tags', 'properties', 'managedBy']);

/** Resource groups; deleting one takes everything in it along. */
export const resourceGroups: ResourceType = {
  type: 'Microsoft.Resources/resourceGroups',
  apiVersions: [
    '2025-04-01',
    '2024-11-01',
    '2024-07-01',
    '2024-03-01',
    '2023-07-01',
    '2022-09-01',
    '2021-04-01',
  ],
  patch: true,
  remove: { header: 'Location', runningState: 'Deleting', weight: 1 },
  write(request: ResourceRequest) {
    if (!NAME.test(request.name)) {
      throw new ArmError(
        400,
        'InvalidResourceGroup',
        `The provided resource group name '${request.name}' has these invalid characters or ends with a period.`,
      );
    }
    const unknown = Object.keys(request.body).find((member) => !MEMBERS.has(member));
    if (unknown !== undefined) {
      throw new ArmError(
        400,
        'InvalidRequestContent',
        `The request content was invalid and could not be deserialized: 'Could not find member '${unknown}' on object of type 'ResourceGroupDefinition'.'.`,
      );
    }
    const { location, tags, managedBy } = request.body;
    return {
      location,
      tags,
      ...(managedBy === undefined ? {} : { managedBy }),
      properties: { provisioningState: 'Succeeded' },
    };
  },
};

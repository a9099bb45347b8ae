import { armResource, textAt } from '../arm-resource.ts';
import { groupId, type ResourceKind } from '../context.ts';
import { RESOURCE } from '../resource-ids.ts';

const NODE_VERSION = '22';
const MEMORY_MB = 2048;
const MAX_INSTANCES = 40;

/** The Function app that is the gateway; its settings and package are resources of their own. */
export const functionsApp: ResourceKind = (context) => [
  armResource({
    id: RESOURCE.app,
    type: 'function-app',
    name: context.names.functionApp,
    dependsOn: [RESOURCE.plan, RESOURCE.storage, RESOURCE.packages],
    containedIn: RESOURCE.group,
    armId: () => `${groupId(context)}/providers/Microsoft.Web/sites/${context.names.functionApp}`,
    content: (outputs) => ({
      location: context.config.azure.location,
      kind: 'functionapp,linux',
      identity: { type: 'SystemAssigned' },
      properties: {
        serverFarmId: outputs.get(RESOURCE.plan, 'id'),
        httpsOnly: true,
        functionAppConfig: {
          deployment: {
            storage: {
              type: 'blobContainer',
              value: `${outputs.get(RESOURCE.storage, 'blobUrl')}${outputs.get(RESOURCE.packages, 'name')}`,
              authentication: { type: 'SystemAssignedIdentity' },
            },
          },
          runtime: { name: 'node', version: NODE_VERSION },
          scaleAndConcurrency: { instanceMemoryMB: MEMORY_MB, maximumInstanceCount: MAX_INSTANCES },
        },
      },
    }),
    tagged: true,
    tags: context.owner.tags(RESOURCE.app),
    replaces: ['location', 'kind'],
    outputs: (have) => {
      const host = textAt(have, 'properties', 'defaultHostName');
      return {
        id: have.id,
        host,
        // Kudu lies beside the app: one more label after the first.
        scmHost: host.replace('.', '.scm.'),
        principalId: textAt(have, 'identity', 'principalId'),
      };
    },
  }),
];

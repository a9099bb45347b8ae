import { HEALTHCARE_WORKSPACE_MUST_BE_EMPTY, HEALTHCARE_WORKSPACE_NAME } from '../../beliefs.ts';
import schema from '../../schemas/microsoft.healthcareapis.json' with { type: 'json' };
import { checkBody } from '../body-check.ts';
import { holderOfName } from '../name-availability.ts';
import { ArmError, type ResourceRequest, type ResourceType } from '../resource-type.ts';

/** The body is held against 2024-03-31; the older one is what the typed client of Azure sends. */
export const HEALTHCARE_VERSIONS = ['2024-03-31', '2023-11-01'];

const TYPE = 'Microsoft.HealthcareApis/workspaces';

/** Workspaces of Azure Health Data Services: the first part of the services' host names. */
export const healthcareWorkspaces: ResourceType = {
  type: TYPE,
  apiVersions: HEALTHCARE_VERSIONS,
  put: { header: 'Azure-AsyncOperation', runningState: 'Creating', updatingState: 'Updating', weight: 1 },
  remove: { header: 'Azure-AsyncOperation', runningState: 'Deleting', weight: 1 },
  etag: 'honoured',
  patch: true,
  childrenBlockDelete: HEALTHCARE_WORKSPACE_MUST_BE_EMPTY,
  systemData: true,
  write(request: ResourceRequest) {
    if (!HEALTHCARE_WORKSPACE_NAME.test(request.name)) {
      throw new ArmError(
        400,
        'InvalidResourceName',
        'The workspace name must have 3 to 24 characters, letters and digits only.',
      );
    }
    if (holderOfName(request.resources, TYPE, request.name, request.id) !== undefined) {
      throw new ArmError(409, 'Conflict', `The workspace name '${request.name}' is already in use.`);
    }
    const { location, tags, properties } = checkBody(schema, TYPE, request.body);
    const asked = (properties ?? {}) as Record<string, unknown>;
    return {
      location,
      tags,
      properties: {
        publicNetworkAccess: asked['publicNetworkAccess'] ?? 'Enabled',
        privateEndpointConnections: [],
      },
    };
  },
  present: (stored) => ({ ...stored.body, etag: stored.etag }),
};

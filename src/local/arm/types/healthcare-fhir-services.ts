import { HEALTHCARE_FHIR_SERVICE_NAME, HEALTHCARE_SMART_PROXY_REFUSED_STATUS } from '../../beliefs.ts';
import schema from '../../schemas/microsoft.healthcareapis.json' with { type: 'json' };
import { checkBody } from '../body-check.ts';
import { ArmError, type ResourceRequest, type ResourceType } from '../resource-type.ts';
import { identityMember, removeIdentity } from '../system-identity.ts';
import { HEALTHCARE_VERSIONS } from './healthcare-workspaces.ts';

const TYPE = 'Microsoft.HealthcareApis/workspaces/fhirservices';
/** Besides the tenant itself; each with one or two applications. */
const MOST_IDENTITY_PROVIDERS = 2;
const MOST_APPLICATIONS = 2;

/** FHIR services. A PUT replaces the whole configuration: what it leaves out is gone. */
export const healthcareFhirServices: ResourceType = {
  type: TYPE,
  apiVersions: HEALTHCARE_VERSIONS,
  put: { header: 'Azure-AsyncOperation', runningState: 'Creating', updatingState: 'Updating', weight: 4 },
  remove: { header: 'Azure-AsyncOperation', runningState: 'Deleting', weight: 2 },
  etag: 'honoured',
  tracked: true,
  patch: true,
  systemData: true,
  write(request: ResourceRequest) {
    if (!HEALTHCARE_FHIR_SERVICE_NAME.test(request.name)) {
      throw new ArmError(
        400,
        'InvalidResourceName',
        'The FHIR service name must have 3 to 24 characters: letters, digits and hyphens.',
      );
    }
    requireEtag(request);
    const body = checkBody(schema, TYPE, request.body);
    const kind = kindOf(request, body['kind']);
    const properties = configuration(request, (body['properties'] ?? {}) as Configuration);
    const identity = identityMember({ ...request, body });
    return {
      location: body['location'],
      tags: body['tags'],
      kind,
      ...(identity === undefined ? {} : { identity }),
      properties: {
        publicNetworkAccess: 'Enabled',
        ...properties,
        eventState: 'Disabled',
        privateEndpointConnections: [],
      },
    };
  },
  present: (stored) => ({ ...stored.body, etag: stored.etag }),
  afterDelete: removeIdentity,
};

interface Configuration {
  readonly authenticationConfiguration?: {
    readonly authority?: string;
    readonly audience?: string;
    readonly smartProxyEnabled?: boolean;
    readonly smartIdentityProviders?: readonly IdentityProvider[];
  };
  readonly [other: string]: unknown;
}

interface IdentityProvider {
  readonly authority?: string;
  readonly applications?: readonly { readonly allowedDataActions?: readonly string[] }[];
}

/** The etag may also travel in the body; there, too, it guards against overwriting. */
function requireEtag(request: ResourceRequest): void {
  const given = request.body['etag'];
  if (given === undefined || given === null || request.existing === undefined) return;
  if (given !== request.existing.etag && request.headers.get('if-match') === null) {
    throw new ArmError(
      412,
      'PreconditionFailed',
      'The etag of the resource does not match the etag of the request.',
    );
  }
}

function kindOf(request: ResourceRequest, kind: unknown): string {
  const before = request.existing?.body['kind'];
  if (before !== undefined && kind !== undefined && kind !== before) {
    throw new ArmError(400, 'BadRequest', `The kind of a FHIR service cannot be changed from '${before}'.`);
  }
  const asked = kind ?? before;
  if (typeof asked !== 'string') throw new ArmError(400, 'BadRequest', 'The kind property is required.');
  if (asked === 'fhir-R4') return asked;
  request.fabric.log({ standIn: 'arm', level: 'warn', text: `FHIR service kind ${asked} is not imitated` });
  throw new ArmError(501, 'NotImplemented', `FHIR services of kind '${asked}' are not imitated.`);
}

/** Defaults of the authentication and the rules the schema cannot say. */
function configuration(request: ResourceRequest, asked: Configuration): Configuration {
  const authentication = asked.authenticationConfiguration ?? {};
  if (authentication.smartProxyEnabled === true) {
    throw new ArmError(
      HEALTHCARE_SMART_PROXY_REFUSED_STATUS,
      'BadRequest',
      'The SMART on FHIR proxy is retired: authenticationConfiguration.smartProxyEnabled cannot be true.',
    );
  }
  checkIdentityProviders(authentication.smartIdentityProviders ?? []);
  const workspace = request.parentId?.slice(request.parentId.lastIndexOf('/') + 1);
  return {
    ...asked,
    authenticationConfiguration: {
      authority: `https://login.microsoftonline.com/${request.fabric.tenantId}`,
      audience: `https://${workspace}-${request.name}.fhir.azurehealthcareapis.com`.toLowerCase(),
      smartProxyEnabled: false,
      ...authentication,
    },
  };
}

function checkIdentityProviders(providers: readonly IdentityProvider[]): void {
  if (providers.length > MOST_IDENTITY_PROVIDERS) {
    throw new ArmError(
      400,
      'BadRequest',
      `At most ${MOST_IDENTITY_PROVIDERS} smartIdentityProviders are allowed.`,
    );
  }
  const authorities = new Set(providers.map(({ authority }) => authority));
  if (authorities.size !== providers.length) {
    throw new ArmError(400, 'BadRequest', 'The authorities of smartIdentityProviders must differ.');
  }
  for (const { authority, applications } of providers) {
    const count = applications?.length ?? 0;
    if (!authority?.startsWith('https://') || count < 1 || count > MOST_APPLICATIONS) {
      throw new ArmError(
        400,
        'BadRequest',
        `A smartIdentityProvider needs an https authority and one to ${MOST_APPLICATIONS} applications.`,
      );
    }
    if (applications?.some((app) => app.allowedDataActions?.join() !== 'Read')) {
      throw new ArmError(400, 'BadRequest', 'allowedDataActions of an application must be ["Read"].');
    }
  }
}

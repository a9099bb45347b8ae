import { PATIENT_COMPARTMENT } from '../../standards/generated/patient-compartment.ts';
import { R4_RESOURCE_TYPES } from '../../standards/generated/resource-types.ts';
import type { Discovery } from './discovery.ts';
import { instant } from './resource.ts';
import { parameterOf, UnknownParameter } from './search/parameter-clause.ts';
import type { FhirService } from './service.ts';
import { METADATA_CAPABILITIES, smartAuthority } from './smart-configuration.ts';
import type { FhirStore } from './store/fhir-store.ts';
import { parametersOf } from './store/parameter-table.ts';

const OAUTH_URIS = 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris';
const CAPABILITIES = 'http://hl7.org/fhir/smart-app-launch/StructureDefinition/capabilities';
const OPERATION = 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition';

const INTERACTIONS = [
  'create',
  'read',
  'vread',
  'update',
  'patch',
  'delete',
  'history-instance',
  'history-type',
  'search-type',
].map((code) => ({ code }));

/** `/metadata`. @throws FhirError 503 when the authority cannot be read */
export async function capabilityStatement(
  service: FhirService,
  store: FhirStore,
  discovery: Discovery,
  now: number,
): Promise<Record<string, unknown>> {
  return {
    resourceType: 'CapabilityStatement',
    url: `${service.base}/metadata`,
    version: '1.0.0.0',
    name: 'Microsoft Azure Health Data Services FHIR Service Capability Statement',
    status: 'active',
    experimental: true,
    date: instant(now),
    publisher: 'Microsoft',
    contact: [{ telecom: [{ system: 'url', value: 'https://www.microsoft.com' }] }],
    kind: 'instance',
    software: { name: 'FHIR Server for Azure' },
    implementation: {
      description: 'Imitation of an Azure Health Data Services FHIR service',
      url: service.base,
    },
    fhirVersion: '4.0.1',
    format: ['application/fhir+json', 'json'],
    patchFormat: ['application/json-patch+json'],
    rest: [
      {
        mode: 'server',
        security: await security(service, discovery),
        resource: R4_RESOURCE_TYPES.filter((type) => type !== 'Parameters').map((type) =>
          resource(store, service, type),
        ),
        interaction: ['transaction', 'batch', 'history-system', 'search-system'].map((code) => ({ code })),
        searchParam: [{ name: '_type', type: 'token' }, ...commonParameters()],
        operation: [
          { name: 'export', definition: `${OPERATION}/export` },
          { name: 'patient-export', definition: `${OPERATION}/patient-export` },
          { name: 'group-export', definition: `${OPERATION}/group-export` },
        ],
      },
    ],
  };
}

async function security(service: FhirService, discovery: Discovery): Promise<Record<string, unknown>> {
  const { document } = await discovery.of(service.authority);
  const provider = service.identityProviders.length === 0 ? undefined : smartAuthority(service);
  const endpoint = (name: 'token' | 'authorize', own: unknown): Record<string, unknown> => ({
    url: name,
    valueUri: provider === undefined ? own : `${provider}/${name}`,
  });
  return {
    extension: [
      {
        url: OAUTH_URIS,
        extension: [
          endpoint('token', document['token_endpoint']),
          endpoint('authorize', document['authorization_endpoint']),
        ],
      },
      ...METADATA_CAPABILITIES.map((code) => ({ url: CAPABILITIES, valueCode: code })),
    ],
    service: [
      {
        coding: [{ system: 'http://terminology.hl7.org/CodeSystem/restful-security-service', code: 'OAuth' }],
      },
    ],
  };
}

function resource(store: FhirStore, service: FhirService, type: string): Record<string, unknown> {
  const parameters = [...parametersOf(type).values()].filter((parameter) =>
    isUsable(store, type, parameter.code),
  );
  const references = parameters.filter((parameter) => parameter.type === 'reference');
  const operation =
    type === 'Patient'
      ? {
          operation: [
            { name: 'everything', definition: 'http://hl7.org/fhir/OperationDefinition/Patient-everything' },
          ],
        }
      : {};
  return {
    type,
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    interaction: INTERACTIONS,
    versioning: service.versionPolicy(type),
    readHistory: service.versionPolicy(type) !== 'no-version',
    updateCreate: true,
    conditionalCreate: true,
    conditionalRead: 'not-supported',
    conditionalUpdate: true,
    conditionalDelete: 'multiple',
    referencePolicy: ['literal', 'logical', 'local'],
    searchInclude: [...references.map((parameter) => `${type}:${parameter.code}`), `${type}:*`],
    searchRevInclude: revIncludes(type),
    searchParam: [
      { name: '_id', definition: 'http://hl7.org/fhir/SearchParameter/Resource-id', type: 'token' },
      {
        name: '_lastUpdated',
        definition: 'http://hl7.org/fhir/SearchParameter/Resource-lastUpdated',
        type: 'date',
      },
      ...parameters.map((parameter) => ({
        name: parameter.code,
        definition: parameter.url,
        type: parameter.type,
      })),
    ],
    ...operation,
  };
}

function isUsable(store: FhirStore, type: string, code: string): boolean {
  try {
    return parameterOf(store, type, code) !== undefined;
  } catch (error) {
    if (error instanceof UnknownParameter) return false;
    throw error;
  }
}

const revIncludeCache = new Map<string, string[]>();

/** References of clinical types that lead to this type by name. */
function revIncludes(target: string): string[] {
  const known = revIncludeCache.get(target);
  if (known !== undefined) return known;
  const sources = [...Object.keys(PATIENT_COMPARTMENT), 'Provenance'];
  const made = [...new Set(sources)].flatMap((source) =>
    [...parametersOf(source).values()]
      .filter(
        (item) =>
          item.type === 'reference' &&
          !item.custom &&
          (item.targets.includes(target) || item.targets.length === 0),
      )
      .map((item) => `${source}:${item.code}`),
  );
  revIncludeCache.set(target, made);
  return made;
}

function commonParameters(): Record<string, unknown>[] {
  return ['_id', '_lastUpdated', '_tag', '_security', '_profile', '_source'].map((name) => ({
    name,
    definition: `http://hl7.org/fhir/SearchParameter/Resource-${name.slice(1)}`,
    type: name === '_lastUpdated' ? 'date' : name === '_profile' || name === '_source' ? 'uri' : 'token',
  }));
}

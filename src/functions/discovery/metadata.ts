import { MINUTE } from '../../core/clock.ts';
import { exchange } from '../../core/http.ts';
import { GATEWAY_CAPABILITIES } from '../../smart/smart-configuration.ts';
import { US_CORE_ELEMENTS } from '../../standards/generated/us-core-elements.ts';
import { R4_SMART_CAPABILITIES } from '../../standards/smart-capabilities.ts';
import type { Gateway } from '../context.ts';
import { FhirError } from '../fhir-error.ts';
import { authBase, fhirBase } from '../settings.ts';

type Json = Record<string, unknown>;

const OAUTH_URIS = 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris';
const CAPABILITIES = 'http://fhir-registry.smarthealthit.org/StructureDefinition/capabilities';
const SECURITY_SERVICE = 'http://terminology.hl7.org/CodeSystem/restful-security-service';
const BULK_DATA = 'http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data';
const US_CORE_SERVER = 'http://hl7.org/fhir/us/core/CapabilityStatement/us-core-server';
const US_CORE_PROFILE = 'http://hl7.org/fhir/us/core/StructureDefinition';
const EXPORTS: Readonly<Record<string, string>> = {
  Group: 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition/group-export',
  Patient: 'http://hl7.org/fhir/uv/bulkdata/OperationDefinition/patient-export',
};
/** Interactions the guard lets through; the FHIR SMART role cannot write. */
const READING = new Set([
  'read',
  'vread',
  'history-instance',
  'history-type',
  'search-type',
  'batch',
  'transaction',
]);
const KEPT_MS = MINUTE;

/** `{fhirBase}/metadata`: the FHIR service's statement, told as the gateway behaves. */
export function createMetadata(gateway: Gateway): () => Promise<Response> {
  let kept: { text: string; at: number } | undefined;
  return async () => {
    if (kept === undefined || gateway.clock.now() - kept.at >= KEPT_MS) {
      kept = {
        text: JSON.stringify(rewrite(gateway, await fetchStatement(gateway))),
        at: gateway.clock.now(),
      };
    }
    return new Response(kept.text, {
      headers: {
        'content-type': 'application/fhir+json; charset=utf-8',
        'cache-control': 'public, max-age=60',
      },
    });
  };
}

async function fetchStatement(gateway: Gateway): Promise<Json> {
  const answer = await exchange(
    gateway.fetch,
    new Request(`${gateway.settings.fhirUrl}/metadata`, { headers: { accept: 'application/fhir+json' } }),
  );
  const statement = answer.status === 200 ? (JSON.parse(answer.text) as Json) : {};
  if (statement['resourceType'] !== 'CapabilityStatement') {
    throw new FhirError(502, 'transient', `the FHIR service answered ${answer.status} for its metadata`);
  }
  return statement;
}

function rewrite(gateway: Gateway, statement: Json): Json {
  const rest = list(statement['rest']).map((entry) => ({
    ...entry,
    security: security(authBase(gateway.settings)),
    interaction: reading(entry['interaction']),
    resource: list(entry['resource']).map(resource),
  }));
  const instantiates = new Set([...texts(statement['instantiates']), US_CORE_SERVER, BULK_DATA]);
  return {
    ...statement,
    url: `${fhirBase(gateway.settings)}/metadata`,
    instantiates: [...instantiates],
    implementation: {
      description: 'SMART on FHIR gateway',
      ...object(statement['implementation']),
      url: fhirBase(gateway.settings),
    },
    rest,
  };
}

function security(base: string): Json {
  const uri = (url: string, path: string): Json => ({ url, valueUri: `${base}/${path}` });
  return {
    cors: true,
    service: [
      { coding: [{ system: SECURITY_SERVICE, code: 'SMART-on-FHIR' }], text: 'OAuth2 using SMART on FHIR' },
    ],
    extension: [
      {
        url: OAUTH_URIS,
        extension: [
          uri('authorize', 'authorize'),
          uri('token', 'token'),
          uri('introspect', 'introspect'),
          uri('revoke', 'revoke'),
        ],
      },
      ...GATEWAY_CAPABILITIES.filter((code) => R4_SMART_CAPABILITIES.has(code)).map((code) => ({
        url: CAPABILITIES,
        valueCode: code,
      })),
    ],
  };
}

function resource(entry: Json): Json {
  const { conditionalCreate, conditionalUpdate, conditionalDelete, updateCreate, ...kept } = entry;
  const definition = EXPORTS[String(entry['type'])];
  const operations = list(entry['operation']).filter((operation) => operation['name'] !== 'export');
  const profiles = new Set([...texts(entry['supportedProfile']), ...usCoreProfiles(String(entry['type']))]);
  const operation = definition === undefined ? operations : [...operations, { name: 'export', definition }];
  return {
    ...kept,
    interaction: reading(entry['interaction']),
    ...(profiles.size === 0 ? {} : { supportedProfile: [...profiles] }),
    ...(operation.length === 0 ? {} : { operation }),
  };
}

/**
 * The US Core 6.1.0 profiles of a type. This server is set up for US Core data; the FHIR service names profiles only
 * once their definitions are stored in it.
 */
function usCoreProfiles(type: string): readonly string[] {
  return Object.entries(US_CORE_ELEMENTS)
    .filter(([, profile]) => profile.resource === type)
    .map(([name]) => `${US_CORE_PROFILE}/${name}`);
}

function reading(interactions: unknown): readonly Json[] {
  return list(interactions).filter((interaction) => READING.has(String(interaction['code'])));
}

function list(value: unknown): readonly Json[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'object' && item !== null) : [];
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
}

function object(value: unknown): Json {
  return typeof value === 'object' && value !== null ? (value as Json) : {};
}

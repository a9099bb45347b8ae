import { isObject, type JsonObject, objectsOf, parseObject, stringOf, stringsOf } from '../../smart/json.ts';
import { baseUrl } from '../../smart/server-profile.ts';
import { defineEvidence } from './evidence.ts';
import { mediaType, seen } from './seen.ts';

export interface MetadataFacts {
  readonly at: string;
  readonly status: number;
  readonly mediaType: string;
  readonly resourceType: string | null;
  /** The parts of the CapabilityStatement that are judged; null when it is none. */
  readonly statement: StatementFacts | null;
}

export interface StatementFacts {
  readonly status: string | null;
  readonly date: string | null;
  readonly kind: string | null;
  readonly fhirVersion: string | null;
  readonly format: unknown;
  readonly implementationUrl: string | null;
  readonly restModes: readonly string[];
  /** `system|code` of rest.security.service. */
  readonly securityServices: readonly string[];
  /** The oauth-uris extension of SMART 1.0.0. A list, since redaction would take a key named token for a secret. */
  readonly oauthUris: readonly { readonly name: string; readonly url: string }[];
  readonly types: readonly string[];
  readonly instantiates: readonly string[];
  /** Of all types together. */
  readonly supportedProfiles: readonly string[];
  /** The capabilities extension of SMART 1.0.0. */
  readonly smartCapabilities: readonly string[];
  readonly groupOperations: readonly { readonly name: string; readonly definition: string }[];
}

const OAUTH_URIS = 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris';

const SMART_CAPABILITIES = 'http://fhir-registry.smarthealthit.org/StructureDefinition/capabilities';

/** The CapabilityStatement, fetched anonymously. */
export const metadata = defineEvidence<MetadataFacts>({
  id: 'metadata',
  async gather({ profile, wire }) {
    const answer = await wire.send({
      url: `${baseUrl(profile)}/metadata`,
      headers: { accept: 'application/fhir+json' },
    });
    const body = parseObject(answer.text);
    const type = stringOf(body?.['resourceType']) ?? null;
    const facts: MetadataFacts = {
      at: answer.at,
      status: answer.status,
      mediaType: mediaType(seen(answer)),
      resourceType: type,
      statement: body !== undefined && type === 'CapabilityStatement' ? statementFacts(body) : null,
    };
    return { facts, live: undefined };
  },
});

function statementFacts(body: JsonObject): StatementFacts {
  const rest = objectsOf(body['rest']);
  const server = rest.find((item) => item['mode'] === 'server') ?? rest[0];
  const security = isObject(server?.['security']) ? server['security'] : undefined;
  const resources = objectsOf(server?.['resource']);
  const group = resources.find((item) => item['type'] === 'Group');
  const implementation = isObject(body['implementation']) ? body['implementation'] : undefined;
  return {
    status: stringOf(body['status']) ?? null,
    date: stringOf(body['date']) ?? null,
    kind: stringOf(body['kind']) ?? null,
    fhirVersion: stringOf(body['fhirVersion']) ?? null,
    format: body['format'] ?? null,
    implementationUrl: stringOf(implementation?.['url']) ?? null,
    restModes: rest.flatMap((item) => stringOf(item['mode']) ?? []),
    securityServices: objectsOf(security?.['service']).flatMap((service) =>
      objectsOf(service['coding']).map((coding) => `${coding['system'] ?? ''}|${coding['code'] ?? ''}`),
    ),
    oauthUris: oauthUris(security),
    types: resources.flatMap((item) => stringOf(item['type']) ?? []),
    instantiates: stringsOf(body['instantiates']),
    supportedProfiles: resources.flatMap((item) => stringsOf(item['supportedProfile'])),
    smartCapabilities: objectsOf(security?.['extension'])
      .filter((item) => item['url'] === SMART_CAPABILITIES)
      .flatMap((item) => stringOf(item['valueCode']) ?? []),
    groupOperations: objectsOf(group?.['operation']).map((operation) => ({
      name: stringOf(operation['name']) ?? '',
      definition: stringOf(operation['definition']) ?? '',
    })),
  };
}

function oauthUris(security: JsonObject | undefined): StatementFacts['oauthUris'] {
  const extension = objectsOf(security?.['extension']).find((item) => item['url'] === OAUTH_URIS);
  return objectsOf(extension?.['extension']).flatMap((item) => {
    const [name, url] = [stringOf(item['url']), stringOf(item['valueUri'])];
    return name !== undefined && url !== undefined ? [{ name, url }] : [];
  });
}

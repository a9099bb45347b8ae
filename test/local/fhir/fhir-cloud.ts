import { randomUUID } from 'node:crypto';
import type { JWTPayload } from 'jose';
import { createManagedIdentity } from '../../../src/local/directory/identities.ts';
import { entra } from '../../../src/local/entra/entra.ts';
import { issuerV1, issuerV2 } from '../../../src/local/entra/issuer.ts';
import { sign } from '../../../src/local/entra/signing-keys.ts';
import type { Fabric, StandIn, StandInFactory, Timing } from '../../../src/local/fabric.ts';
import { fhirService } from '../../../src/local/fhir/fhir.ts';
import { assignRole } from '../../../src/local/rbac.ts';
import { Resources } from '../../../src/local/resources.ts';
import { type TestCloud, testCloud } from '../directory/test-fabric.ts';

export const AUDIENCE = '22222222-aaaa-bbbb-cccc-222222222222';
export const BASE = 'https://ws-fhir.fhir.azurehealthcareapis.com';
export const SERVICE_ID =
  '/subscriptions/99999999-2222-3333-4444-555555555555/resourceGroups/rg/providers/Microsoft.HealthcareApis/workspaces/ws/fhirservices/fhir';

type Json = Record<string, unknown>;

export interface Call {
  readonly token?: string;
  readonly method?: string;
  readonly body?: unknown;
  readonly headers?: Record<string, string>;
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: test bodies are looked into freely
  readonly body: any;
}

export interface FhirCloud extends TestCloud {
  /** A principal with these roles on the service. */
  principal(...roles: string[]): string;
  token(claims: JWTPayload): Promise<string>;
  call(path: string, call?: Call): Promise<Answer>;
  /** As a principal with FHIR Data Contributor. */
  admin(path: string, call?: Call): Promise<Answer>;
  put(resource: Json): Promise<Answer>;
  configure(properties: Json): void;
}

/** A tenant with one FHIR service `ws/fhir`, an administrator, and whatever other stand-ins are asked for. */
export async function fhirCloud(
  options: {
    readonly properties?: Json;
    readonly others?: readonly StandInFactory[];
    readonly timing?: Partial<Timing>;
    readonly wrapFhir?: (standIn: StandIn, fabric: Fabric) => StandIn;
  } = {},
): Promise<FhirCloud> {
  const make: StandInFactory = (fabric) =>
    options.wrapFhir?.(fhirService(fabric), fabric) ?? fhirService(fabric);
  const cloud = testCloud([entra, make, ...(options.others ?? [])], options.timing ?? {});
  const { fabric } = cloud;
  const configure = (properties: Json): void => {
    const at = new Date(fabric.clock.now()).toISOString();
    new Resources(fabric.store).put({
      id: SERVICE_ID,
      name: 'fhir',
      type: 'Microsoft.HealthcareApis/workspaces/fhirservices',
      etag: randomUUID(),
      createdAt: new Date(0).toISOString(),
      changedAt: at,
      body: {
        kind: 'fhir-R4',
        properties: {
          provisioningState: 'Succeeded',
          authenticationConfiguration: {
            authority: `https://login.microsoftonline.com/${fabric.tenantId}`,
            audience: AUDIENCE,
          },
          ...properties,
        },
      },
    });
  };
  configure(options.properties ?? {});
  createManagedIdentity(fabric, SERVICE_ID);
  const principal = (...roles: string[]): string => {
    const principalId = randomUUID();
    for (const role of roles) assignRole(fabric, { principalId, role, scope: SERVICE_ID });
    return principalId;
  };
  const token = (claims: JWTPayload): Promise<string> => {
    const now = Math.floor(fabric.clock.now() / 1000);
    const version = claims.iss === issuerV1(fabric) ? 1 : 2;
    const usual = {
      aud: AUDIENCE,
      iss: issuerV2(fabric),
      iat: now,
      nbf: now,
      exp: now + 3600,
      tid: fabric.tenantId,
    };
    return sign(fabric, { ...usual, ver: '2.0', azp: 'client', uti: randomUUID(), ...claims }, version);
  };
  const call = async (
    path: string,
    { token: bearer, method = 'GET', body, headers }: Call = {},
  ): Promise<Answer> => {
    const text = body === undefined ? undefined : typeof body === 'string' ? body : JSON.stringify(body);
    const request = new Request(path.startsWith('http') ? path : `${BASE}${path}`, {
      method,
      headers: {
        ...(text === undefined ? {} : { 'content-type': 'application/fhir+json' }),
        ...(bearer === undefined ? {} : { authorization: `Bearer ${bearer}` }),
        ...headers,
      },
      ...(text === undefined ? {} : { body: text }),
    });
    const response = await cloud.fetch(request);
    const answer = await response.text();
    return {
      status: response.status,
      headers: response.headers,
      body: answer === '' ? undefined : JSON.parse(answer),
    };
  };
  const adminToken = await token({ oid: principal('FHIR Data Contributor') });
  const admin = (path: string, options: Call = {}): Promise<Answer> =>
    call(path, { token: adminToken, ...options });
  return {
    ...cloud,
    principal,
    token,
    call,
    admin,
    configure,
    put: (resource) =>
      admin(`/${String(resource['resourceType'])}/${String(resource['id'])}`, {
        method: 'PUT',
        body: resource,
      }),
  };
}

export function patient(id: string, more: Json = {}): Json {
  return {
    resourceType: 'Patient',
    id,
    name: [{ family: `Family-${id}`, given: ['Ana', 'María'] }],
    gender: 'female',
    birthDate: '1980-02-03',
    ...more,
  };
}

export function observation(id: string, subject: string, more: Json = {}): Json {
  return {
    resourceType: 'Observation',
    id,
    status: 'final',
    category: [
      {
        coding: [
          { system: 'http://terminology.hl7.org/CodeSystem/observation-category', code: 'vital-signs' },
        ],
      },
    ],
    code: { coding: [{ system: 'http://loinc.org', code: '8867-4' }] },
    subject: { reference: `Patient/${subject}` },
    effectiveDateTime: '2026-01-15T10:00:00Z',
    valueQuantity: { value: 72, unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
    ...more,
  };
}

/** Ids of the matches of a searchset. */
export function ids(answer: Answer, mode = 'match'): string[] {
  const entries = (answer.body.entry ?? []) as { resource: { id: string }; search: { mode: string } }[];
  return entries.filter((entry) => entry.search.mode === mode).map((entry) => entry.resource.id);
}

/** Diagnostics of an outcome, or of the outcome entry of a bundle. */
export function diagnostics(answer: Answer): string {
  const outcome =
    answer.body.resourceType === 'Bundle'
      ? answer.body.entry.find((entry: { search?: { mode: string } }) => entry.search?.mode === 'outcome')
          .resource
      : answer.body;
  return outcome.issue.map((issue: { diagnostics: string }) => issue.diagnostics).join(' ');
}

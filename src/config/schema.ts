import { z } from 'zod';
import { CLIENT_AUTHS, CLIENT_LAUNCHES, CLIENT_PERMISSIONS } from '../smart/registration.ts';
import { parseScope } from '../smart/scopes.ts';
import { SECRET_REFERENCE, SECRET_REFERENCE_FORMS } from './secret-reference.ts';

/** Name of a client, user or environment: fit for a path segment, a secret name and a file name. */
const NAME = /^[a-z0-9](?:[a-z0-9-]{0,38}[a-z0-9])?$/;
const name = z.string().regex(NAME, 'use lower-case letters, digits and hyphens, at most 40');
const guid = z.string().regex(/^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i, 'write a GUID');
const webUrl = z.url({ protocol: /^https?$/, error: 'write an absolute http(s) URL' });
/** RFC 8252 allows private-use schemes for native apps, so any absolute URI without fragment will do. */
const redirectUri = z
  .string()
  .max(256)
  .refine(
    (text) => URL.canParse(text) && !text.includes('#') && !/^(javascript|data|vbscript):/i.test(text),
    {
      error: 'write an absolute URI without fragment',
    },
  );
const origin = z.string().refine((text) => URL.canParse(text) && new URL(text).origin === text, {
  error: 'write an origin: scheme, host and port only',
});
const scope = z.string().refine((text) => parseScope(text) !== undefined, {
  error: 'not a SMART scope: write one per list item, such as patient/Observation.rs',
});
const secret = z
  .string()
  .regex(SECRET_REFERENCE, `secrets are never written here; write ${SECRET_REFERENCE_FORMS}`);
const jwksLocation = z.string().refine((text) => /^file:\S/.test(text) || /^https?:\/\//.test(text), {
  error: 'write the URL of a public JWKS, or file:PATH of one',
});

export const FHIR_SERVICE_ID =
  /^\/subscriptions\/([0-9a-f-]{36})\/resourceGroups\/([^/]+)\/providers\/Microsoft\.HealthcareApis\/workspaces\/([A-Za-z0-9]{3,24})\/fhirservices\/([A-Za-z0-9-]{3,24})$/i;

const azure = z
  .strictObject({
    tenant: guid.describe('Directory (tenant) id. Default: that of the credential'),
    subscription: guid.describe('Subscription id. Default: the only one the credential sees'),
    location: z.string().regex(/^[a-z0-9]+$/, 'write a region name such as eastus2'),
    resourceGroup: z
      .string()
      .regex(/^[A-Za-z0-9_.(){}-]{1,90}$/)
      .describe('`{env}` stands for the environment name'),
    cloud: z.enum(['public', 'usgovernment']),
  })
  .partial();

const fhir = z
  .strictObject({
    adopt: z
      .string()
      .refine((text) => !/\/providers\/Microsoft\.HealthcareApis\/services\//i.test(text), {
        error:
          'Azure API for FHIR was retired on 30 September 2026; only workspaces/fhirservices can be adopted',
      })
      .refine((text) => /\/services\//i.test(text) || FHIR_SERVICE_ID.test(text), {
        error: 'write the resource id …/workspaces/{workspace}/fhirservices/{service}',
      })
      .describe('Resource id of an existing FHIR service; its foreign settings are kept'),
    workspace: z.string().regex(/^[A-Za-z0-9]{3,24}$/, 'use 3 to 24 letters and digits'),
    service: z.string().regex(/^[A-Za-z0-9-]{3,24}$/, 'use 3 to 24 letters, digits and hyphens'),
  })
  .partial();

const gateway = z
  .strictObject({
    sku: z.enum(['Consumption', 'Developer', 'BasicV2', 'StandardV2', 'Basic', 'Standard', 'Premium']),
    publisherName: z.string().min(1).max(100),
    publisherEmail: z.email().max(100),
  })
  .partial();

const client = z
  .strictObject({
    auth: z.enum(CLIENT_AUTHS),
    launch: z.enum(CLIENT_LAUNCHES),
    redirectUris: z.array(redirectUri).max(64),
    launchUris: z.array(webUrl).max(16),
    origins: z
      .array(origin)
      .max(16)
      .describe('Browser origins that may call the token endpoint and the FHIR API'),
    scopes: z.array(scope).max(200),
    permissions: z.array(z.enum(CLIENT_PERMISSIONS)),
    jwks: jwksLocation.describe('Public keys of a private_key_jwt client. Default: smartfhir makes the key'),
    consent: z
      .enum(['admin', 'user'])
      .describe('admin: granted by apply for all users; user: each user is asked'),
    enabled: z.boolean(),
  })
  .partial();

const user = z
  .strictObject({
    username: z
      .string()
      .regex(/^[A-Za-z0-9._-]{1,64}$/)
      .describe('Local part. Default: the stack and user name'),
    fhirUser: z
      .string()
      .regex(/^(?:Patient|Practitioner)\/[A-Za-z0-9.-]{1,64}$/, 'write Patient/ID or Practitioner/ID'),
    enabled: z.boolean(),
  })
  .partial();

/** A server that somebody else runs: what doctor and launch need to know of it. */
const server = z.strictObject({
  url: webUrl.describe('FHIR base URL'),
  clients: z
    .record(
      name,
      z.strictObject({
        kind: z.enum(['secret', 'public', 'private_key_jwt']),
        clientId: z.string().min(1),
        redirectUri: redirectUri.optional(),
        scopes: z.array(scope).default([]),
        secret: secret.optional(),
        jwks: secret.optional().describe('Private JWKS of a private_key_jwt client, by reference'),
        launch: z.enum(CLIENT_LAUNCHES).optional(),
      }),
    )
    .default({}),
  users: z
    .record(
      name,
      z.strictObject({ username: z.string().min(1), password: secret, fhirUser: z.string().optional() }),
    )
    .default({}),
  patients: z.array(z.string()).default([]),
  otherPatient: z.string().optional().describe('A patient whom the test users must not see'),
  group: z.string().optional().describe('Id of a Group for bulk export'),
  launch: z.string().optional().describe('A launch id, where the EHR gives them out by hand'),
});

const settings = {
  profile: z.enum(['g10-us6']).describe('What is judged: (g)(10), US Core 6.1, SMART 2.2').optional(),
  azure: azure.optional(),
  fhir: fhir.optional(),
  gateway: gateway.optional(),
  tokens: z.enum(['entra']).describe('Who issues tokens').optional(),
  clients: z.record(name, client).optional(),
  users: z.record(name, user).optional(),
  inferno: z.strictObject({ url: webUrl }).optional(),
  data: z
    .strictObject({
      classification: z.enum(['synthetic', 'phi']),
      seed: z.enum(['demo', 'none']),
    })
    .partial()
    .optional(),
  doctor: z
    .strictObject({ failOn: z.enum(['error', 'warn', 'never']) })
    .partial()
    .optional(),
};

const overlay = z.strictObject({
  ...settings,
  target: z.enum(['azure', 'embedded']).optional().describe('embedded: the laptop; only environment "local"'),
  server: server.optional().describe('A server that smartfhir did not provision'),
});

/** smartfhir.yaml as it is written. Everything but `version` and `name` may be left out. */
export const fileSchema = z
  .strictObject({
    version: z.literal(1),
    name: z
      .string()
      .regex(/^[a-z][a-z0-9-]{1,18}[a-z0-9]$/, 'use 3 to 20 lower-case letters, digits and hyphens'),
    ...settings,
    environments: z.record(name, overlay).optional(),
  })
  .meta({ title: 'smartfhir.yaml', description: 'Configuration of smartfhir: one SMART on FHIR stack' });

export type ConfigFile = z.infer<typeof fileSchema>;
export type EnvironmentOverlay = z.infer<typeof overlay>;
export type ClientSettings = z.infer<typeof client>;
export type UserSettings = z.infer<typeof user>;
export type ForeignServer = z.infer<typeof server>;

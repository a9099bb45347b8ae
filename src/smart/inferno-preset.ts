import { SmartfhirError } from '../core/errors.ts';
import { basicAuth } from './client-auth.ts';
import { GRANULAR_CATEGORIES, SCOPED_TYPES } from './scope-table.ts';
import { baseUrl, type ProfileClient, type ServerProfile } from './server-profile.ts';

/** Where users are sent and codes are redeemed; Inferno wants both spelled out, discovery or not. */
export interface PresetEndpoints {
  readonly authorizeUrl: string;
  readonly tokenUrl: string;
}

/** An `auth_info` value. Complete, since Inferno's server fills in no defaults (inferno notes, section 3). */
interface AuthInfo {
  readonly auth_type: 'public' | 'symmetric' | 'asymmetric' | 'backend_services';
  readonly use_discovery: 'true' | 'false';
  readonly auth_url: string;
  readonly token_url: string;
  readonly requested_scopes: string;
  readonly client_id: string;
  readonly client_secret?: string;
  readonly pkce_support: 'enabled';
  readonly pkce_code_challenge_method: 'S256';
  readonly auth_request_method: 'GET' | 'POST';
  readonly encryption_algorithm?: string;
  readonly kid?: string;
  readonly jwks?: string;
}

export interface InfernoPreset {
  readonly title: string;
  readonly id: string;
  readonly test_suite_id: 'g10_certification';
  readonly inputs: readonly { readonly name: string; readonly value: string | AuthInfo }[];
}

/** The US Core 6.1 types of (g)(10) single patient access: every type of the table but Media, which US Core 6.1 lacks. */
const G10_TYPES = SCOPED_TYPES.filter((type) => type !== 'Media');

const STANDALONE = 'launch/patient openid fhirUser offline_access';
const EHR = 'launch openid fhirUser offline_access';
const typed = (context: string, access: string): string =>
  G10_TYPES.map((type) => `${context}/${type}.${access}`).join(' ');
/** Scopes of these categories of the table, by their codes. */
const granular = (...codes: readonly (typeof GRANULAR_CATEGORIES)[number]['code'][]): string =>
  GRANULAR_CATEGORIES.filter(({ code }) => codes.includes(code))
    .map(({ type, system, code }) => `patient/${type}.rs?category=${system}|${code}`)
    .join(' ');

/** Which client fills which input, and with what it asks for. */
const AUTH_INPUTS: readonly {
  readonly input: string;
  readonly client: string;
  readonly scopes: string;
  readonly method?: 'POST';
}[] = [
  {
    input: 'standalone_smart_auth_info',
    client: 'patient-confidential',
    scopes: `${STANDALONE} ${typed('patient', 'rs')}`,
  },
  {
    input: 'ehr_smart_auth_info',
    client: 'ehr-practitioner',
    scopes: `${EHR} ${typed('user', 'rs')}`,
    method: 'POST',
  },
  { input: 'bulk_smart_auth_info', client: 'backend', scopes: 'system/*.rs' },
  {
    input: 'public_smart_auth_info',
    client: 'patient-public',
    scopes: `${STANDALONE} ${typed('patient', 'rs')}`,
  },
  { input: 'ehr_patient_smart_auth_info', client: 'ehr-patient', scopes: `${EHR} patient/Patient.rs` },
  {
    input: 'asymmetric_smart_auth_info',
    client: 'patient-asymmetric',
    scopes: `${STANDALONE} ${typed('patient', 'rs')}`,
  },
  { input: 'v1_smart_auth_info', client: 'patient-v1', scopes: `${STANDALONE} ${typed('patient', 'read')}` },
  {
    input: 'granular_scopes_1_auth_info',
    client: 'patient-granular',
    scopes: `${STANDALONE} patient/Patient.rs ${granular('encounter-diagnosis', 'health-concern', 'laboratory', 'social-history')}`,
  },
  {
    input: 'granular_scopes_2_auth_info',
    client: 'patient-granular',
    scopes: `${STANDALONE} patient/Patient.rs ${granular('problem-list-item', 'vital-signs', 'survey', 'sdoh')}`,
  },
  {
    input: 'granular_scopes_selection_smart_auth_info',
    client: 'patient-granular',
    scopes: `${STANDALONE} patient/Condition.rs patient/Observation.rs patient/Patient.rs`,
  },
];

/** Seconds that Inferno waits for an export; its own default. */
const BULK_TIMEOUT_S = '180';

/**
 * The preset of the (g)(10) suite for a server, every input that its clients can fill; attestations are the
 * vendor's own to answer and stay out.
 *
 * @throws SmartfhirError `MISSING_INPUT` when there is no Group or no client at all to fill it from
 */
export function infernoPreset(profile: ServerProfile, endpoints: PresetEndpoints): InfernoPreset {
  const { group } = profile;
  if (group === undefined || profile.clients['patient-confidential'] === undefined) {
    throw new SmartfhirError(
      'MISSING_INPUT',
      'the stack has no exportable Group or no client patient-confidential',
      {
        fix: 'load data and apply the clients first',
        command: 'smartfhir apply',
      },
    );
  }
  const fhirUrl = baseUrl(profile);
  const auth = AUTH_INPUTS.flatMap(({ input, client, scopes, method }) => {
    const found = profile.clients[client];
    return found === undefined
      ? []
      : [{ name: input, value: authInfo(found, scopes, endpoints, method ?? 'GET') }];
  });
  return {
    title: `smartfhir: ${fhirUrl}`,
    id: 'smartfhir-g10',
    test_suite_id: 'g10_certification',
    inputs: [
      { name: 'url', value: fhirUrl },
      { name: 'bulk_server_url', value: fhirUrl },
      { name: 'group_id', value: group },
      { name: 'bulk_patient_ids_in_group', value: profile.patients.join(',') },
      { name: 'bulk_timeout', value: BULK_TIMEOUT_S },
      ...introspection(profile),
      { name: 'expected_resources', value: 'patient, condition, observation' },
      ...auth,
    ],
  };
}

/** Inferno does not authenticate at the introspection endpoint by itself; it sends the header lines it is given. */
function introspection({ clients }: ServerProfile): readonly { name: string; value: string }[] {
  const client = clients['introspector'];
  if (client?.secret === undefined) return [];
  const { authorization } = basicAuth(client.clientId, client.secret).headers;
  return [{ name: 'custom_authorization_header', value: `Authorization: ${authorization}` }];
}

function authInfo(
  client: ProfileClient,
  scopes: string,
  endpoints: PresetEndpoints,
  method: 'GET' | 'POST',
): AuthInfo {
  return {
    auth_type: authType(client),
    use_discovery: client.launch === 'backend' ? 'false' : 'true',
    auth_url: endpoints.authorizeUrl,
    token_url: endpoints.tokenUrl,
    requested_scopes: scopes,
    client_id: client.clientId,
    pkce_support: 'enabled',
    pkce_code_challenge_method: 'S256',
    auth_request_method: method,
    ...(client.kind === 'secret' && client.secret !== undefined ? { client_secret: client.secret } : {}),
    ...(client.kind === 'private_key_jwt' ? keyMembers(client) : {}),
  };
}

function authType(client: ProfileClient): AuthInfo['auth_type'] {
  if (client.launch === 'backend') return 'backend_services';
  if (client.kind === 'public') return 'public';
  return client.kind === 'secret' ? 'symmetric' : 'asymmetric';
}

function keyMembers(client: ProfileClient): Partial<AuthInfo> {
  const key = client.jwks?.keys[0];
  if (client.jwks === undefined || key?.alg === undefined || key.kid === undefined) return {};
  return { encryption_algorithm: key.alg, kid: key.kid, jwks: JSON.stringify(client.jwks) };
}

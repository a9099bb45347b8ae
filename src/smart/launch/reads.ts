import type { TokenSet } from '../app/token.ts';
import { isObject, objectsOf, parseObject, stringOf } from '../json.ts';
import { decodeJwt } from '../jwt.ts';
import type { Wire } from '../recorder.ts';
import { parseScopeList, resourceScopes } from '../scopes.ts';
import { baseUrl, type ServerProfile } from '../server-profile.ts';

/** One read of the app and what came. */
export interface AppRead {
  readonly path: string;
  readonly status: number;
  /** Resources in the answer; null when it was none. */
  readonly rows: number | null;
}

/** Types that are searched at most. */
const MAX_TYPES = 30;

/** Reads what the token should open: the patient, the user, and a search of each granted type. */
export async function readAll(
  wire: Wire,
  profile: ServerProfile,
  tokens: TokenSet,
): Promise<readonly AppRead[]> {
  const read = (path: string): Promise<AppRead> => readOne(wire, profile, tokens.accessToken, path);
  const reads: AppRead[] = [];
  if (tokens.patient !== undefined) reads.push(await read(`Patient/${tokens.patient}`));
  if (tokens.encounter !== undefined) reads.push(await read(`Encounter/${tokens.encounter}`));
  const user =
    tokens.idToken === undefined ? undefined : stringOf(decodeJwt(tokens.idToken)?.payload['fhirUser']);
  // A fhirUser on another server must not draw the access token there.
  const ours = user !== undefined && (!URL.canParse(user) || user.startsWith(`${baseUrl(profile)}/`));
  if (ours && !user.endsWith(`Patient/${tokens.patient}`)) reads.push(await read(user));
  for (const type of searchable(tokens.scope)) {
    const query =
      tokens.patient === undefined || NOT_BY_PATIENT.has(type) ? '' : `patient=${tokens.patient}&`;
    reads.push(await read(`${type}?${query}_count=20`));
  }
  return reads;
}

/** Types without a patient search parameter. */
const NOT_BY_PATIENT: ReadonlySet<string> = new Set([
  'Location',
  'Medication',
  'Organization',
  'Practitioner',
  'PractitionerRole',
  'Group',
]);

/** Searched for a wildcard scope: what a patient record is mostly made of. */
const COMMON_TYPES = [
  'AllergyIntolerance',
  'CarePlan',
  'CareTeam',
  'Condition',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'Goal',
  'Immunization',
  'MedicationRequest',
  'Observation',
  'Procedure',
];

function searchable(scope: string): readonly string[] {
  const types = resourceScopes(parseScopeList(scope).scopes)
    .filter((item) => item.letters.includes('s') && item.type !== 'Patient' && item.context !== 'system')
    .flatMap((item) => (item.type === '*' ? COMMON_TYPES : [item.type]));
  return [...new Set(types)].slice(0, MAX_TYPES);
}

export async function readOne(
  wire: Wire,
  profile: ServerProfile,
  token: string,
  path: string,
): Promise<AppRead> {
  const url = URL.canParse(path) ? path : `${baseUrl(profile)}/${path}`;
  const headers = { accept: 'application/fhir+json', authorization: `Bearer ${token}` };
  const answer = await wire.send({ url, headers });
  const body = parseObject(answer.text);
  const bundle = body?.['resourceType'] === 'Bundle';
  const rows = !isObject(body) || answer.status !== 200 ? null : bundle ? objectsOf(body['entry']).length : 1;
  const shown = url.startsWith(`${baseUrl(profile)}/`) ? url.slice(baseUrl(profile).length + 1) : url;
  return { path: shown, status: answer.status, rows };
}

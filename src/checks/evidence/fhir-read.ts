import { isObject, type JsonObject, objectsOf, parseObject, stringOf } from '../../smart/json.ts';
import { formRequest } from '../../smart/recorder.ts';
import { baseUrl, type ServerProfile } from '../../smart/server-profile.ts';
import type { Probe } from './evidence.ts';
import { type Seen, seen } from './seen.ts';

/** A relative path below the FHIR base, or an absolute URL, read with a token. */
export async function fhirGet(probe: Probe, accessToken: string, pathOrUrl: string): Promise<Seen> {
  return seen(await probe.wire.send(fhirRequest(probe.profile, accessToken, pathOrUrl)));
}

/** A search and which patients its rows belong to. */
export interface SearchSeen {
  readonly answer: Seen;
  /** Type/id of each row. */
  readonly rows: readonly string[];
  /** Ids of the patients the rows belong to, once each; only rows that name one. */
  readonly patients: readonly string[];
  readonly total: number | null;
  readonly next: string | null;
}

export async function fhirSearch(probe: Probe, accessToken: string, path: string): Promise<SearchSeen> {
  const answer = await probe.wire.send(fhirRequest(probe.profile, accessToken, path));
  return searchSeen(seen(answer), answer.text);
}

/** The same search by POST (`Type/_search`). */
export async function fhirPostSearch(
  probe: Probe,
  accessToken: string,
  type: string,
  form: Readonly<Record<string, string>>,
): Promise<SearchSeen> {
  const answer = await probe.wire.send(
    formRequest(`${baseUrl(probe.profile)}/${type}/_search`, form, {
      accept: 'application/fhir+json',
      authorization: `Bearer ${accessToken}`,
    }),
  );
  return searchSeen(seen(answer), answer.text);
}

export function fhirRequest(profile: ServerProfile, accessToken: string, pathOrUrl: string) {
  const url = URL.canParse(pathOrUrl) ? pathOrUrl : `${baseUrl(profile)}/${pathOrUrl}`;
  return { url, headers: { accept: 'application/fhir+json', authorization: `Bearer ${accessToken}` } };
}

/** SMART scopes for requesting identity data: fhirUser may be relative to the FHIR base. */
export function absoluteReference(profile: ServerProfile, reference: string): string {
  return URL.canParse(reference) ? reference : `${baseUrl(profile)}/${reference}`;
}

/** Only what lies below the FHIR base may be asked for with its access token. */
export function belowBase(profile: ServerProfile, url: string): boolean {
  return (
    URL.canParse(url) &&
    new URL(url).href.startsWith(`${new URL(baseUrl(profile)).href.replace(/\/+$/, '')}/`)
  );
}

export function searchSeen(answer: Seen, text: string): SearchSeen {
  const body = parseObject(text);
  const entries = objectsOf(body?.['entry'])
    .map((entry) => entry['resource'])
    .filter(isObject);
  const links = objectsOf(body?.['link']);
  return {
    answer,
    rows: entries.map((resource) => `${String(resource['resourceType'])}/${String(resource['id'])}`),
    patients: [...new Set(entries.flatMap(patientsOf))].sort(),
    total: typeof body?.['total'] === 'number' ? body['total'] : null,
    next: stringOf(links.find((link) => link['relation'] === 'next')?.['url']) ?? null,
  };
}

/** The patients a resource says it is about: itself, its subject, its patient. */
export function patientsOf(resource: JsonObject): readonly string[] {
  if (resource['resourceType'] === 'Patient') return [String(resource['id'])];
  return ['subject', 'patient', 'beneficiary'].flatMap((name) => {
    const target = resource[name];
    const reference = isObject(target) ? stringOf(target['reference']) : undefined;
    const match = /(?:^|\/)Patient\/([A-Za-z0-9.-]{1,64})$/.exec(reference ?? '');
    return match?.[1] === undefined ? [] : [match[1]];
  });
}

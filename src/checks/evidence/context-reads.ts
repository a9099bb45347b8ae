import { isObject, parseObject, stringOf } from '../../smart/json.ts';
import { baseUrl } from '../../smart/server-profile.ts';
import { patientOf } from './authorized-app.ts';
import { ehrSession } from './ehr-launch.ts';
import { defineEvidence, required } from './evidence.ts';
import { fhirGet, fhirSearch, type SearchSeen } from './fhir-read.ts';
import type { Seen } from './seen.ts';
import { session } from './standalone.ts';

export interface PatientReadFacts {
  readonly patient: string;
  readonly answer: Seen;
  /** Id of the resource that came back. */
  readonly id: string | null;
}

/** The patient of the standalone session, read with its token. */
export const patientRead = defineEvidence<PatientReadFacts>({
  id: 'patientRead',
  async gather(probe) {
    const { tokens } = await probe.use(session);
    const patient = patientOf(tokens);
    const answer = await fhirGet(probe, tokens.accessToken, `Patient/${patient}`);
    return { facts: { patient, answer, id: idOf(answer) }, live: undefined };
  },
});

export interface PatientSearchFacts {
  readonly search: SearchSeen;
  readonly selfLink: string | null;
  readonly fullUrls: readonly string[];
}

/** A plain search of that session. */
export const patientSearch = defineEvidence<PatientSearchFacts>({
  id: 'patientSearch',
  async gather(probe) {
    const { tokens } = await probe.use(session);
    const patient = patientOf(tokens);
    const search = await fhirSearch(probe, tokens.accessToken, `Patient?_id=${patient}`);
    const { json } = search.answer;
    const list = (name: string): readonly Record<string, unknown>[] => {
      const value = isObject(json) ? json[name] : undefined;
      return Array.isArray(value) ? value.filter(isObject) : [];
    };
    const selfLink = stringOf(list('link').find((link) => link['relation'] === 'self')?.['url']) ?? null;
    const fullUrls = list('entry').flatMap((entry) => stringOf(entry['fullUrl']) ?? []);
    return { facts: { search, selfLink, fullUrls }, live: undefined };
  },
});

export interface EncounterReadFacts {
  readonly encounter: string;
  readonly answer: Seen;
  readonly id: string | null;
}

/** The encounter of the EHR launch, read with its token. */
export const encounterRead = defineEvidence<EncounterReadFacts>({
  id: 'encounterRead',
  async gather(probe) {
    const { tokens } = await probe.use(ehrSession);
    const encounter = required(
      tokens.encounter,
      'the EHR launch gave no encounter (context/encounter-present tells why)',
    );
    const answer = await fhirGet(probe, tokens.accessToken, `Encounter/${encounter}`);
    return { facts: { encounter, answer, id: idOf(answer) }, live: undefined };
  },
});

export interface StyleFacts {
  readonly url: string;
  readonly status: number;
  readonly object: boolean;
}

/** The style document an EHR launch names. */
export const smartStyle = defineEvidence<StyleFacts>({
  id: 'smartStyle',
  async gather(probe) {
    const { tokens } = await probe.use(ehrSession);
    const value = stringOf(tokens.body['smart_style_url']);
    const usable =
      value !== undefined && URL.canParse(value, `${baseUrl(probe.profile)}/`) ? value : undefined;
    const url = required(usable, 'the EHR launch gave no smart_style_url');
    const answer = await probe.wire.send({ url, headers: { accept: 'application/json' } });
    const facts: StyleFacts = { url, status: answer.status, object: parseObject(answer.text) !== undefined };
    return { facts, live: undefined };
  },
});

function idOf(answer: Seen): string | null {
  return isObject(answer.json) ? (stringOf(answer.json['id']) ?? null) : null;
}

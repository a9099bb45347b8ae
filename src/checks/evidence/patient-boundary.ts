import { isObject, objectsOf, parseObject } from '../../smart/json.ts';
import { baseUrl } from '../../smart/server-profile.ts';
import { patientOf } from './authorized-app.ts';
import { otherPatient } from './cast.ts';
import { defineEvidence, type Probe } from './evidence.ts';
import { fhirGet, fhirPostSearch, fhirSearch, type SearchSeen, searchSeen } from './fhir-read.ts';
import { type Seen, seen } from './seen.ts';
import { session } from './standalone.ts';

export interface BoundaryFacts {
  /** The patient the token is for. */
  readonly own: string;
  readonly other: string;
  readonly ownRead: Seen;
  readonly read: Seen;
  readonly byPatient: SearchSeen;
  readonly byPost: SearchSeen;
  readonly byId: SearchSeen;
  readonly unfiltered: SearchSeen;
  readonly withInclude: SearchSeen;
  readonly withRevinclude: SearchSeen;
  readonly compartment: SearchSeen;
  readonly count: SearchSeen;
  readonly batch: { readonly answer: Seen; readonly patients: readonly string[] };
}

/** A patient's token asking for another patient, by every road that reads. */
export const patientBoundary = defineEvidence<BoundaryFacts>({
  id: 'patientBoundary',
  async gather(probe) {
    const { tokens } = await probe.use(session);
    const own = patientOf(tokens);
    return { facts: await boundaryFacts(probe, tokens.accessToken, own), live: undefined };
  },
});

/** The same questions with any token that is bound to `own`. */
export async function boundaryFacts(probe: Probe, token: string, own: string): Promise<BoundaryFacts> {
  const other = otherPatient(probe.profile);
  const search = (path: string): Promise<SearchSeen> => fhirSearch(probe, token, path);
  const [ownRead, read, byPatient, byPost, byId, unfiltered] = await Promise.all([
    fhirGet(probe, token, `Patient/${own}`),
    fhirGet(probe, token, `Patient/${other}`),
    search(`Observation?patient=${other}`),
    fhirPostSearch(probe, token, 'Observation', { patient: other }),
    search(`Patient?_id=${own},${other}`),
    search('Observation?_count=50'),
  ]);
  const [withInclude, withRevinclude, compartment, count, batch] = await Promise.all([
    search('Observation?_include=Observation:performer&_include=Observation:subject&_count=50'),
    search(`Patient?_id=${own}&_revinclude=Observation:performer&_revinclude=Condition:asserter`),
    search(`Patient/${other}/Observation`),
    search(`Observation?patient=${other}&_summary=count`),
    batchRead(probe, token, other),
  ]);
  return {
    own,
    other,
    ownRead,
    read,
    byPatient,
    byPost,
    byId,
    unfiltered,
    withInclude,
    withRevinclude,
    compartment,
    count,
    batch,
  };
}

/** A batch of reads only: it changes nothing. */
async function batchRead(probe: Probe, token: string, other: string): Promise<BoundaryFacts['batch']> {
  const entry = [`Patient/${other}`, `Observation?patient=${other}`].map((url) => ({
    request: { method: 'GET', url },
  }));
  const answer = await probe.wire.send({
    method: 'POST',
    url: baseUrl(probe.profile),
    headers: {
      'content-type': 'application/fhir+json',
      accept: 'application/fhir+json',
      authorization: `Bearer ${token}`,
    },
    body: JSON.stringify({ resourceType: 'Bundle', type: 'batch', entry }),
  });
  const facts = seen(answer);
  const resources = objectsOf(parseObject(answer.text)?.['entry'])
    .map((item) => item['resource'])
    .filter(isObject);
  const patients = resources.flatMap((resource) => [
    ...searchSeen(facts, JSON.stringify({ entry: [{ resource }] })).patients,
    ...searchSeen(facts, JSON.stringify(resource)).patients,
  ]);
  return { answer: facts, patients: [...new Set(patients)].sort() };
}

import { MINUTE } from '../../core/clock.ts';
import { SmartfhirError } from '../../core/errors.ts';
import {
  type BulkClient,
  getBulk,
  kickOff,
  type Manifest,
  manifestOf,
  pollStatus,
} from '../../smart/bulk/export.ts';
import { isObject, type JsonObject, objectsOf, parseJson, stringOf } from '../../smart/json.ts';
import type { Answer } from '../../smart/recorder.ts';
import { baseUrl } from '../../smart/server-profile.ts';
import { backendSession } from './backend.ts';
import { defineEvidence, type Probe, required, unavailable } from './evidence.ts';
import { patientsOf } from './fhir-read.ts';
import { type Seen, say, seen } from './seen.ts';

const POLL_BUDGET_MS = 3 * MINUTE;
/** Bytes of one export file that are read at most. */
export const FILE_LIMIT_BYTES = 16 * 1024 * 1024;
/** Files that are read at most. */
const FILE_LIMIT = 60;

export function exportUrl(probe: Probe): string {
  const group = required(probe.profile.group, 'needs the id of an exportable Group');
  return `${baseUrl(probe.profile)}/Group/${group}/$export`;
}

export interface KickOffFacts {
  readonly answer: Seen;
  readonly withoutToken: Seen;
  readonly contentLocation: string | null;
}

export interface Job {
  readonly statusUrl: string;
  readonly client: BulkClient;
}

/** A group export begun by the backend client, and by nobody. */
export const exportKickOff = defineEvidence<KickOffFacts, Answer>({
  id: 'exportKickOff',
  async gather(probe) {
    const url = exportUrl(probe);
    const { accessToken } = await probe.use(backendSession);
    const withoutToken = await kickOff({ wire: probe.wire, accessToken: undefined }, url);
    const answer = await kickOff({ wire: probe.wire, accessToken }, url);
    const facts: KickOffFacts = {
      answer: seen(answer),
      withoutToken: seen(withoutToken),
      contentLocation: answer.headers.get('content-location'),
    };
    return { facts, live: answer };
  },
});

/** The accepted job; unavailable when the server accepted none. */
export const exportJob = defineEvidence<object, Job>({
  id: 'exportJob',
  async gather(probe) {
    const answer = await probe.use(exportKickOff);
    const { accessToken } = await probe.use(backendSession);
    const location = answer.headers.get('content-location');
    if (answer.status !== 202 || location === null || !URL.canParse(location, answer.url)) {
      return unavailable(`the export was not accepted: ${say(seen(answer))} (bulk/kick-off judges that)`);
    }
    const client: BulkClient = { wire: probe.wire, clock: probe.clock, accessToken, signal: probe.signal };
    return { facts: {}, live: { statusUrl: new URL(location, answer.url).href, client } };
  },
});

export interface ExportStatusFacts {
  readonly answer: Seen;
}

export const exportStatus = defineEvidence<ExportStatusFacts, { readonly answer: Answer; readonly job: Job }>(
  {
    id: 'exportStatus',
    async gather(probe) {
      const job = await probe.use(exportJob);
      const client = { ...job.client, wire: probe.wire };
      const answer = await pollStatus(client, job.statusUrl, { budgetMs: POLL_BUDGET_MS });
      return { facts: { answer: seen(answer) }, live: { answer, job } };
    },
  },
);

export interface FileFacts {
  readonly type: string;
  readonly url: string;
  readonly at: string | null;
  readonly status: number | null;
  readonly contentType: string | null;
  readonly lines: number;
  /** Count the manifest states, null when it states none. */
  readonly stated: number | null;
  /** First line that is no JSON resource of the declared type, 1-based; null when all are. */
  readonly badLine: { readonly number: number; readonly why: string } | null;
  /** Why the file was not read whole; null when it was. */
  readonly truncated: string | null;
  /** Ids that appear more than once. */
  readonly repeatedIds: number;
  readonly patients: readonly string[];
  /** `system|code` of DocumentReference.type, and of the category of other types; no other health data. */
  readonly codes: readonly string[];
  /** Ways in which missing data are told: by `extension`, by the `code` unknown. */
  readonly absentReasons: readonly string[];
}

export interface ExportFilesFacts {
  readonly requiresAccessToken: boolean;
  /** Type of each entry of the manifest, readable or not. */
  readonly listed: readonly string[];
  readonly files: readonly FileFacts[];
  readonly notRead: number;
}

export interface ExportFiles {
  readonly job: Job;
  readonly manifest: Manifest;
}

/** Every file of the manifest, read and parsed line by line. */
export const exportFiles = defineEvidence<ExportFilesFacts, ExportFiles>({
  id: 'exportFiles',
  async gather(probe) {
    const { answer, job } = await probe.use(exportStatus);
    const manifest = required(manifestOf(answer), 'the manifest could not be read (bulk/manifest tells why)');
    const chosen = manifest.output.slice(0, FILE_LIMIT);
    const counts = Array.isArray(manifest.body['output']) ? manifest.body['output'] : [];
    const files = await Promise.all(
      chosen.map((file) => {
        const stated = counts.find((item) => isObject(item) && item['url'] === file.url);
        return readFile(probe, job, manifest, {
          ...file,
          stated: isObject(stated) ? stated['count'] : undefined,
        });
      }),
    );
    const facts: ExportFilesFacts = {
      requiresAccessToken: manifest.requiresAccessToken,
      listed: objectsOf(counts).flatMap((item) => stringOf(item['type']) ?? []),
      files,
      notRead: manifest.output.length - chosen.length,
    };
    return { facts, live: { job, manifest } };
  },
});

async function readFile(
  probe: Probe,
  job: Job,
  manifest: Manifest,
  file: { readonly type: string; readonly url: string; readonly stated: unknown },
): Promise<FileFacts> {
  const accessToken = manifest.requiresAccessToken ? job.client.accessToken : undefined;
  const stated = typeof file.stated === 'number' ? file.stated : null;
  const base = { type: file.type, url: file.url, stated };
  const empty = {
    at: null,
    status: null,
    contentType: null,
    lines: 0,
    badLine: null,
    repeatedIds: 0,
    patients: [],
    codes: [],
    absentReasons: [],
  };
  try {
    const client = { wire: probe.wire, accessToken };
    const answer = await getBulk(client, file.url, 'application/fhir+ndjson', FILE_LIMIT_BYTES);
    return { ...base, ...linesOf(answer, file.type) };
  } catch (error) {
    if (!(error instanceof SmartfhirError) || error.code !== 'RESPONSE_INVALID') throw error;
    return { ...base, ...empty, truncated: error.message };
  }
}

function linesOf(answer: Answer, type: string): Omit<FileFacts, 'type' | 'url' | 'stated'> {
  const { at, status, headers } = answer;
  const contentType = headers.get('content-type');
  const ids = new Map<string, number>();
  const patients = new Set<string>();
  const codes = new Set<string>();
  let badLine: FileFacts['badLine'] = null;
  const lines = status === 200 ? answer.text.split('\n') : [];
  if (lines.at(-1) === '') lines.pop();
  for (const [index, line] of lines.entries()) {
    const resource = parseJson(line);
    const why = lineProblem(resource, type, index === lines.length - 1 && !answer.text.endsWith('\n'));
    if (why !== undefined) badLine ??= { number: index + 1, why };
    if (!isObject(resource)) continue;
    const id = stringOf(resource['id']) ?? '';
    ids.set(id, (ids.get(id) ?? 0) + 1);
    for (const patient of patientsOf(resource)) patients.add(patient);
    for (const code of codesOf(resource)) codes.add(code);
  }
  const repeatedIds = [...ids.values()].filter((count) => count > 1).length;
  return {
    at,
    status,
    contentType,
    lines: lines.length,
    badLine,
    truncated: null,
    repeatedIds,
    patients: [...patients].sort(),
    codes: [...codes].sort(),
    absentReasons: absentReasonsOf(status === 200 ? answer.text : ''),
  };
}

/** The codes that US Core's guidance on notes and screenings speaks of. */
function codesOf(resource: JsonObject): string[] {
  const document = resource['resourceType'] === 'DocumentReference';
  const concepts = document ? [resource['type']].filter(isObject) : objectsOf(resource['category']);
  return concepts.flatMap((concept) =>
    objectsOf(concept['coding']).map((coding) => `${coding['system'] ?? ''}|${coding['code'] ?? ''}`),
  );
}

/** US Core 6.1.0 "Missing Data", as the text of a whole file shows it. */
function absentReasonsOf(text: string): string[] {
  const code = /\{[^{}]*"http:\/\/terminology\.hl7\.org\/CodeSystem\/data-absent-reason"[^{}]*\}/g;
  return [
    ...(text.includes('"http://hl7.org/fhir/StructureDefinition/data-absent-reason"') ? ['extension'] : []),
    ...([...text.matchAll(code)].some(([coding]) => /"code"\s*:\s*"unknown"/.test(coding)) ? ['code'] : []),
  ];
}

function lineProblem(resource: unknown, type: string, lastWithoutEnd: boolean): string | undefined {
  if (!isObject(resource))
    return lastWithoutEnd ? 'the file is cut off within this line' : 'it is not a JSON object';
  return resource['resourceType'] === type ? undefined : `it is a ${String(resource['resourceType'])}`;
}

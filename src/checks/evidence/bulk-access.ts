import { deleteExport, getBulk, kickOff } from '../../smart/bulk/export.ts';
import { backendSession, otherBackendSession } from './backend.ts';
import { exportFiles, exportJob, exportStatus, exportUrl } from './bulk-export.ts';
import { defineEvidence, unavailable } from './evidence.ts';
import { type Seen, say, seen } from './seen.ts';

export interface NobodysAccessFacts {
  readonly status: Seen;
  readonly file: Seen | null;
  readonly requiresAccessToken: boolean;
  readonly deletion: Seen;
}

/** Status, file and cancellation of a finished export, asked for without a token. */
export const nobodysAccess = defineEvidence<NobodysAccessFacts>({
  id: 'nobodysAccess',
  async gather(probe) {
    const { job, manifest } = await probe.use(exportFiles);
    const nobody = { wire: probe.wire, accessToken: undefined };
    const first = manifest.output[0];
    const facts: NobodysAccessFacts = {
      status: seen(await getBulk(nobody, job.statusUrl, 'application/json')),
      file: first === undefined ? null : seen(await getBulk(nobody, first.url, 'application/fhir+ndjson')),
      requiresAccessToken: manifest.requiresAccessToken,
      deletion: seen(await deleteExport(nobody, job.statusUrl)),
    };
    return { facts, live: undefined };
  },
});

/** The same asked for with the token of another backend client. */
export const othersAccess = defineEvidence<NobodysAccessFacts>({
  id: 'othersAccess',
  async gather(probe) {
    const { job, manifest } = await probe.use(exportFiles);
    const { accessToken } = await probe.use(otherBackendSession);
    const other = { wire: probe.wire, accessToken };
    const first = manifest.output[0];
    const facts: NobodysAccessFacts = {
      status: seen(await getBulk(other, job.statusUrl, 'application/json')),
      file: first === undefined ? null : seen(await getBulk(other, first.url, 'application/fhir+ndjson')),
      requiresAccessToken: manifest.requiresAccessToken,
      deletion: seen(await deleteExport(other, job.statusUrl)),
    };
    return { facts, live: undefined };
  },
});

export interface ExportDeletionFacts {
  readonly deletion: Seen;
  readonly statusAfter: Seen;
}

/** A second export, begun only to be cancelled. */
export const exportDeletion = defineEvidence<ExportDeletionFacts>({
  id: 'exportDeletion',
  async gather(probe) {
    // One job after the other: a server may allow a client only one at a time.
    await probe.use(exportStatus);
    const { accessToken } = await probe.use(backendSession);
    const client = { wire: probe.wire, accessToken };
    const answer = await kickOff(client, exportUrl(probe));
    const location = answer.headers.get('content-location');
    if (answer.status !== 202 || location === null || !URL.canParse(location, answer.url)) {
      return unavailable(`the second export was not accepted: ${say(seen(answer))}`);
    }
    const statusUrl = new URL(location, answer.url).href;
    const deletion = seen(await deleteExport(client, statusUrl));
    const statusAfter = seen(await getBulk(client, statusUrl, 'application/json'));
    return { facts: { deletion, statusAfter }, live: undefined };
  },
});

export interface ExportFormatFacts {
  readonly formats: readonly { readonly format: string; readonly answer: Seen }[];
}

const FORMATS = ['application/fhir+ndjson', 'application/ndjson', 'ndjson'];

/** Kick-offs with every spelling of the NDJSON format; each job is cancelled at once. */
export const exportFormats = defineEvidence<ExportFormatFacts>({
  id: 'exportFormats',
  async gather(probe) {
    await probe.use(exportJob);
    await probe.use(exportStatus);
    const { accessToken } = await probe.use(backendSession);
    const client = { wire: probe.wire, accessToken };
    const formats: { format: string; answer: Seen }[] = [];
    for (const format of FORMATS) {
      const answer = await kickOff(client, `${exportUrl(probe)}?_outputFormat=${encodeURIComponent(format)}`);
      formats.push({ format, answer: seen(answer) });
      const location = answer.headers.get('content-location');
      if (answer.status === 202 && location !== null && URL.canParse(location, answer.url)) {
        await deleteExport(client, new URL(location, answer.url).href);
      }
    }
    return { facts: { formats }, live: undefined };
  },
});

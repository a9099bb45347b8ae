import { messageOf } from '../../../core/errors.ts';
import { FHIR_EXPORT_START_MS } from '../../beliefs.ts';
import type { Fabric } from '../../fabric.ts';
import type { SearchScope } from '../search/parameter-clause.ts';
import type { FhirService } from '../service.ts';
import { type ExportFile, type ExportJob, exportJobs } from './export-job.ts';
import { ExportFailure, exportPages } from './export-rows.ts';
import { ExportStorage } from './export-storage.ts';

/** A file is closed once it is this large. */
const ROLLING_FILE_BYTES = 64 * 1024 * 1024;

export interface ExportPlace {
  readonly service: FhirService;
  readonly scope: SearchScope;
}

/** Works through queued jobs in the background, one at a time; unfinished ones start again after a restart. */
export class ExportRunner {
  readonly #fabric: Fabric;
  readonly #placeOf: (job: ExportJob) => ExportPlace | undefined;
  readonly #stop = new AbortController();
  #working: Promise<void> = Promise.resolve();

  /** @param placeOf the service a job belongs to; undefined when it is gone */
  constructor(fabric: Fabric, placeOf: (job: ExportJob) => ExportPlace | undefined) {
    this.#fabric = fabric;
    this.#placeOf = placeOf;
  }

  /** Takes up what an earlier process left unfinished. */
  resume(): void {
    for (const job of exportJobs(this.#fabric).values()) {
      if (job.status === 'queued' || job.status === 'running') this.enqueue(job.id);
    }
  }

  enqueue(id: string): void {
    this.#working = this.#working
      .then(() => this.#run(id))
      .catch((error: unknown) => {
        if (this.#stop.signal.aborted) return;
        this.#fabric.log({ standIn: 'fhir', level: 'error', text: `export ${id}: ${messageOf(error)}` });
      });
  }

  async close(): Promise<void> {
    this.#stop.abort();
    await this.#working;
  }

  /** The current state of a job if it still has to be worked on. */
  #unfinished(id: string): ExportJob | undefined {
    const job = exportJobs(this.#fabric).get(id);
    return job?.status === 'queued' || job?.status === 'running' ? job : undefined;
  }

  async #run(id: string): Promise<void> {
    if (this.#stop.signal.aborted || this.#unfinished(id) === undefined) return;
    await this.#fabric.clock.sleep(FHIR_EXPORT_START_MS, this.#stop.signal);
    const job = this.#unfinished(id);
    const place = job === undefined ? undefined : this.#placeOf(job);
    if (job === undefined || place === undefined) return;
    exportJobs(this.#fabric).put(id, { ...job, status: 'running' });
    try {
      const output = await this.#write(job, place);
      this.#finish(id, { status: 'completed', output });
    } catch (error) {
      if (this.#stop.signal.aborted) return;
      const failure =
        error instanceof ExportFailure
          ? { status: error.status, reason: error.message }
          : { status: 500, reason: 'Unknown Error.' };
      this.#fabric.log({ standIn: 'fhir', level: 'warn', text: `export ${id} failed: ${messageOf(error)}` });
      this.#finish(id, { status: 'failed', failure });
    }
  }

  /** A job cancelled meanwhile stays cancelled. */
  #finish(id: string, change: Partial<ExportJob>): void {
    const job = this.#unfinished(id);
    if (job !== undefined) exportJobs(this.#fabric).put(id, { ...job, ...change });
  }

  async #write(job: ExportJob, { service, scope }: ExportPlace): Promise<ExportFile[]> {
    const storage = await ExportStorage.connect(this.#fabric, service);
    const container = job.container ?? job.id;
    await storage.createContainer(container);
    const folder = job.container === undefined ? '' : `${timestamp(job.queuedAt)}-${job.id}/`;
    const output: ExportFile[] = [];
    let open: { type: string; sequence: number; lines: string[]; bytes: number } | undefined;
    const commit = async (): Promise<void> => {
      if (open === undefined || open.lines.length === 0) return;
      const name = `${folder}${open.type}-${open.sequence}-${open.sequence}.ndjson`;
      const body = Buffer.from(`${open.lines.join('\n')}\n`);
      output.push({
        type: open.type,
        url: await storage.writeBlob(container, name, body),
        count: open.lines.length,
      });
      open = { type: open.type, sequence: open.sequence + 1, lines: [], bytes: 0 };
    };
    for (const { type, rows } of exportPages(scope, job)) {
      this.#stop.signal.throwIfAborted();
      if (this.#unfinished(job.id) === undefined) return output;
      if (open?.type !== type) {
        await commit();
        open = { type, sequence: 1, lines: [], bytes: 0 };
      }
      for (const row of rows) {
        open.lines.push(row.json);
        open.bytes += row.json.length;
      }
      if (open.bytes >= ROLLING_FILE_BYTES) await commit();
    }
    await commit();
    return output;
  }
}

/** `20261121T101500`. */
function timestamp(milliseconds: number): string {
  return new Date(milliseconds).toISOString().slice(0, 19).replaceAll(/[-:]/g, '');
}

import type { Fabric } from '../../fabric.ts';
import type { Collection } from '../../store.ts';

export type ExportLevel = 'system' | 'patient' | 'group';

export interface ExportFile {
  readonly type: string;
  readonly url: string;
  readonly count: number;
}

export interface ExportFilter {
  readonly type: string;
  readonly criteria: readonly (readonly [name: string, value: string])[];
}

/** One `$export`, kept across restarts. Times are milliseconds. */
export interface ExportJob {
  readonly id: string;
  /** The service's life it belongs to. */
  readonly service: string;
  readonly status: 'queued' | 'running' | 'completed' | 'failed' | 'cancelled';
  readonly level: ExportLevel;
  readonly groupId: string | undefined;
  /** Started by a SMART caller: a patient's compartment is then that of SMART, with the types all patients share. */
  readonly smart: boolean;
  /** `_type` as asked or as inferred from scopes; undefined means all. */
  readonly types: readonly string[] | undefined;
  readonly filters: readonly ExportFilter[];
  readonly since: number | undefined;
  readonly till: number;
  readonly container: string | undefined;
  readonly pageSize: number;
  /** The kick-off URL. */
  readonly request: string;
  readonly queuedAt: number;
  readonly output: readonly ExportFile[];
  readonly failure: { readonly status: number; readonly reason: string } | undefined;
}

export function exportJobs(fabric: Fabric): Collection<ExportJob> {
  return fabric.store.collection<ExportJob>('fhir-export-jobs');
}

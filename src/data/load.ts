import { SmartfhirError } from '../core/errors.ts';
import { DEFAULT_BODY_LIMIT_BYTES, exchange } from '../core/http.ts';
import type { FetchLike } from '../core/target.ts';

/** A FHIR resource of whatever origin; `resourceType` and `id` are checked before it is sent. */
export interface LoadableResource {
  readonly resourceType: string;
  readonly id: string;
}

export interface LoadOptions {
  readonly fetch: FetchLike;
  /** Base URL of the FHIR service itself, not of a gateway: gateways refuse writes. */
  readonly fhirUrl: string;
  readonly token: string;
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number, total: number) => void;
}

/**
 * The Azure FHIR service takes at most 500 entries a bundle (Azure Health Data Services: FHIR REST
 * capabilities); smaller ones answer sooner.
 */
const ENTRIES_PER_BUNDLE = 200;
/** One bundle may run this long, milliseconds: the service itself stops after about 100 s. */
const BUNDLE_BUDGET_MS = 120_000;

/**
 * Writes resources by update, so that loading twice gives the same store. Order is kept.
 *
 * @returns how many were created and how many updated
 * @throws SmartfhirError `FORBIDDEN` without the role FHIR Data Contributor, `RESPONSE_INVALID` naming the first
 *   entry that was refused
 */
export async function loadResources(
  resources: readonly LoadableResource[],
  options: LoadOptions,
): Promise<{ created: number; updated: number }> {
  let created = 0;
  for (let start = 0; start < resources.length; start += ENTRIES_PER_BUNDLE) {
    const batch = resources.slice(start, start + ENTRIES_PER_BUNDLE);
    const statuses = await sendBundle(batch, options);
    created += statuses.filter((status) => status.startsWith('201')).length;
    options.onProgress?.(start + batch.length, resources.length);
  }
  return { created, updated: resources.length - created };
}

async function sendBundle(batch: readonly LoadableResource[], options: LoadOptions): Promise<string[]> {
  const request = new Request(options.fhirUrl, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${options.token}`,
      'content-type': 'application/fhir+json',
      accept: 'application/fhir+json',
    },
    body: JSON.stringify({
      resourceType: 'Bundle',
      type: 'batch',
      entry: batch.map((resource) => ({
        resource,
        request: { method: 'PUT', url: `${resource.resourceType}/${resource.id}` },
      })),
    }),
  });
  const answer = await exchange(options.fetch, request, {
    budgetMs: BUNDLE_BUDGET_MS,
    bodyLimitBytes: DEFAULT_BODY_LIMIT_BYTES,
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  if (answer.status === 401 || answer.status === 403) {
    throw new SmartfhirError('FORBIDDEN', `the FHIR service refused the bundle with ${answer.status}`, {
      fix: 'give the signed-in principal the role FHIR Data Contributor on the FHIR service; it takes minutes to act',
    });
  }
  return statusesOf(answer.status, answer.text, batch);
}

function statusesOf(status: number, text: string, batch: readonly LoadableResource[]): string[] {
  const bundle = status === 200 ? parseBundle(text) : undefined;
  if (bundle === undefined || bundle.length !== batch.length) {
    throw new SmartfhirError(
      'RESPONSE_INVALID',
      `the FHIR service answered the bundle with ${status} and no entries`,
    );
  }
  return bundle.map((entry, index) => {
    const answered = entry.response?.status ?? '';
    if (/^20[01]/.test(answered)) return answered;
    const resource = batch[index];
    const why = entry.response?.outcome?.issue?.[0]?.diagnostics ?? 'no reason given';
    throw new SmartfhirError(
      'RESPONSE_INVALID',
      `${resource?.resourceType}/${resource?.id} was refused with ${answered || 'no status'}: ${why}`,
      { fix: 'correct the resource and load again; what was written before stays' },
    );
  });
}

interface BundleEntry {
  readonly response?: {
    readonly status?: string;
    readonly outcome?: { readonly issue?: readonly { readonly diagnostics?: string }[] };
  };
}

function parseBundle(text: string): readonly BundleEntry[] | undefined {
  try {
    const bundle: unknown = JSON.parse(text);
    if (typeof bundle !== 'object' || bundle === null || !('entry' in bundle)) return undefined;
    return Array.isArray(bundle.entry) ? bundle.entry : undefined;
  } catch {
    return undefined;
  }
}

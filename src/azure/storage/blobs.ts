import type { Clock } from '../../core/clock.ts';
import { SmartfhirError } from '../../core/errors.ts';
import { reasonOf } from '../../core/http.ts';
import type { Credential, FetchLike } from '../../core/target.ts';

const STORAGE_SCOPE = 'https://storage.azure.com/.default';
const API_VERSION = '2021-12-02';

/** Azure Blob storage, read only. */
export interface Blobs {
  /** The service's own answer, its body not yet read: 200, or 404 when container or blob is gone. */
  get(container: string, blob: string, signal?: AbortSignal): Promise<Response>;
}

export interface BlobsOptions {
  /** `primaryEndpoints.blob` of the account. */
  readonly url: string;
  readonly fetch: FetchLike;
  readonly credential: Credential;
  readonly clock: Clock;
}

export function createBlobs(options: BlobsOptions): Blobs {
  const base = options.url.endsWith('/') ? options.url : `${options.url}/`;
  return {
    get: async (container, blob, signal) => {
      const token = await options.credential.getToken(STORAGE_SCOPE);
      if (token === null) throw new SmartfhirError('AUTH_FAILED', 'no token for Azure Storage');
      const path = [container, ...blob.split('/')].map(encodeURIComponent).join('/');
      const request = new Request(base + path, {
        headers: {
          authorization: `Bearer ${token.token}`,
          'x-ms-version': API_VERSION,
          'x-ms-date': new Date(options.clock.now()).toUTCString(),
        },
        ...(signal === undefined ? {} : { signal }),
      });
      const response = await options.fetch(request).catch((error: unknown) => {
        signal?.throwIfAborted();
        throw new SmartfhirError('UNREACHABLE', `Blob storage: ${reasonOf(error)}`, { cause: error });
      });
      if (response.status === 200 || response.status === 404) return response;
      await response.body?.cancel();
      throw new SmartfhirError(
        response.status === 401 || response.status === 403 ? 'FORBIDDEN' : 'RESPONSE_INVALID',
        `Blob storage answered ${response.status} (${response.headers.get('x-ms-error-code') ?? 'no error code'})`,
      );
    },
  };
}

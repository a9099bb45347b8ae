import { type Exchange, exchange } from '../../../core/http.ts';
import { issueManagedIdentityToken } from '../../entra/managed-identity-token.ts';
import type { Fabric } from '../../fabric.ts';
import type { FhirService } from '../service.ts';
import { ExportFailure } from './export-rows.ts';

const STORAGE_AUDIENCE = 'https://storage.azure.com/';
const STORAGE_VERSION = '2023-11-03';
const BUDGET_MS = 60_000;

/** Writes blobs to the configured account as the service's managed identity. */
export class ExportStorage {
  readonly #fabric: Fabric;
  readonly #origin: string;
  readonly #token: string;

  private constructor(fabric: Fabric, origin: string, token: string) {
    this.#fabric = fabric;
    this.#origin = origin;
    this.#token = token;
  }

  /** @throws ExportFailure 400 without a configured account, 403 without a managed identity */
  static async connect(fabric: Fabric, service: FhirService): Promise<ExportStorage> {
    if (service.exportAccount === undefined) throw new ExportFailure(400, 'The given storage uri is invalid');
    const token = await issueManagedIdentityToken(fabric, service.id, STORAGE_AUDIENCE).catch(
      () => undefined,
    );
    if (token === undefined) throw new ExportFailure(403, 'Unable to get access token for storage account.');
    return new ExportStorage(
      fabric,
      `https://${service.exportAccount}.blob.core.windows.net`,
      token.access_token,
    );
  }

  /** @throws ExportFailure with the status storage answered */
  async createContainer(container: string): Promise<void> {
    const answer = await this.#put(`${this.#origin}/${container}?restype=container`, {}, undefined);
    if (answer.status !== 201 && answer.status !== 409) throw refused(answer);
  }

  /** @returns the blob's URL */
  async writeBlob(container: string, name: string, body: Uint8Array): Promise<string> {
    const url = `${this.#origin}/${container}/${name}`;
    const headers = { 'x-ms-blob-type': 'BlockBlob', 'content-type': 'application/fhir+ndjson' };
    const answer = await this.#put(url, headers, body);
    if (answer.status !== 201) throw refused(answer);
    return url;
  }

  async #put(url: string, headers: Record<string, string>, body: Uint8Array | undefined): Promise<Exchange> {
    const request = new Request(url, {
      method: 'PUT',
      headers: {
        ...headers,
        authorization: `Bearer ${this.#token}`,
        'x-ms-version': STORAGE_VERSION,
        'x-ms-date': new Date(this.#fabric.clock.now()).toUTCString(),
        'content-length': String(body?.byteLength ?? 0),
      },
      ...(body === undefined ? {} : { body: body as Uint8Array<ArrayBuffer> }),
    });
    try {
      return await exchange(this.#fabric.fetch, request, { budgetMs: BUDGET_MS });
    } catch {
      throw new ExportFailure(404, 'The storage account not found.');
    }
  }
}

function refused(answer: Exchange): ExportFailure {
  const code =
    answer.headers.get('x-ms-error-code') ?? /<Code>([^<]+)<\/Code>/.exec(answer.text)?.[1] ?? 'Unknown';
  const message = /<Message>([^<\n]+)/.exec(answer.text)?.[1] ?? 'The storage account refused the request.';
  return new ExportFailure(answer.status, `${message} Status: ${answer.status} ErrorCode: ${code}`);
}

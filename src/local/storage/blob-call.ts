import type { Fabric } from '../fabric.ts';
import type { Access } from './access.ts';
import type { Account } from './account.ts';
import { type BlobStore, blobStore } from './blob-store.ts';
import { type Container, findContainer } from './containers.ts';
import { notImitated, StorageError } from './storage-error.ts';

const CONTAINERS = 'Microsoft.Storage/storageAccounts/blobServices/containers';

/** One authenticated call on the blob service. */
export interface BlobCall {
  readonly fabric: Fabric;
  readonly account: Account;
  readonly access: Access;
  readonly request: Request;
  readonly query: URLSearchParams;
  readonly version: string;
  /** Empty for calls on the account. */
  readonly container: string;
  readonly blob: string | undefined;
}

export function storeOf(call: BlobCall): BlobStore {
  return blobStore(call.fabric);
}

/** @throws StorageError 404 */
export function requireContainer(call: BlobCall): Container {
  const found = findContainer(call.fabric, call.account, call.container);
  if (found === undefined) {
    throw new StorageError(404, 'ContainerNotFound', 'The specified container does not exist.');
  }
  return found;
}

/** Management of containers: an action, not a data action, in the role definitions. */
export function requireContainerAction(call: BlobCall, action: 'read' | 'write' | 'delete'): void {
  const name = call.container === '' ? '' : `/blobServices/default/containers/${call.container}`;
  call.access.require({
    actions: [`${CONTAINERS}/${action}`],
    data: false,
    scope: `${call.account.id}${name}`,
  });
}

/** Work on blobs, with the letters of a shared access signature that allow it, too. */
export function requireBlobAction(call: BlobCall, actions: readonly string[], letters: string): void {
  call.access.require({
    actions: actions.map((action) => `${CONTAINERS}/blobs/${action}`),
    data: true,
    scope: `${call.account.id}/blobServices/default/containers/${call.container}`,
    letters,
  });
}

/** `x-ms-meta-*`. */
export function metadataOf(headers: Headers): Record<string, string> {
  const metadata: Record<string, string> = {};
  let size = 0;
  for (const [name, value] of headers) {
    if (!name.startsWith('x-ms-meta-')) continue;
    const key = name.slice('x-ms-meta-'.length);
    if (!/^[a-z_][a-z0-9_]*$/i.test(key)) {
      throw new StorageError(
        400,
        'InvalidMetadata',
        'The metadata specified is invalid. It has characters that are not permitted.',
      );
    }
    size += key.length + value.length;
    metadata[key] = value;
  }
  if (size > 8 * 1024)
    throw new StorageError(
      400,
      'MetadataTooLarge',
      'The size of the specified metadata exceeds the maximum size permitted.',
    );
  return metadata;
}

export function metadataHeaders(metadata: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(metadata).map(([name, value]) => [`x-ms-meta-${name}`, value]));
}

/** @throws StorageError 412: nothing here can be leased */
export function refuseLease(request: Request): void {
  if (request.headers.get('x-ms-lease-id') === null) return;
  throw new StorageError(412, 'LeaseNotPresentWithBlobOperation', 'There is currently no lease on the blob.');
}

/** @throws StorageError 501 for headers that would change what a call means */
export function refuseHeaders(request: Request, names: readonly string[]): void {
  const used = names.find((name) => request.headers.get(name) !== null);
  if (used !== undefined) throw notImitated(`The header ${used}`);
}

/** The body, whole. @throws StorageError 413 */
export async function readContent(request: Request, limitBytes: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > limitBytes) {
      throw new StorageError(
        413,
        'RequestBodyTooLarge',
        'The request body is too large and exceeds the maximum permissible limit.',
        { 'x-ms-max-body-size': String(limitBytes) },
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

export function httpDate(ms: number): string {
  return new Date(ms).toUTCString();
}

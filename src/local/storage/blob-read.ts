import { createHash } from 'node:crypto';
import {
  type BlobCall,
  httpDate,
  metadataHeaders,
  refuseHeaders,
  refuseLease,
  requireBlobAction,
  requireContainer,
  storeOf,
} from './blob-call.ts';
import type { Blob, BlobEntry } from './blob-store.ts';
import { requireReadConditions } from './etag.ts';
import { StorageError } from './storage-error.ts';

/** The service computes a range's MD5 up to this size. */
const LARGEST_HASHED_RANGE = 4 * 1024 * 1024;

/** `GET` and `HEAD` of a blob, whole or a range. */
export function readBlob(call: BlobCall): Response {
  requireBlobAction(call, ['read'], 'r');
  refuseLease(call.request);
  refuseHeaders(call.request, [
    'x-ms-encryption-key',
    'x-ms-structured-body',
    'x-ms-range-get-content-crc64',
  ]);
  const blob = requireBlob(call);
  requireReadConditions(call.request.headers, blob);
  const head = call.request.method === 'HEAD';
  const range = head ? undefined : rangeOf(call.request.headers, blob.content.byteLength);
  const headers: Record<string, string> = { ...blobHeaders(blob), ...call.access.overrides };
  if (range === undefined) {
    headers['content-length'] = String(blob.content.byteLength);
    return new Response(head ? null : (blob.content as Uint8Array<ArrayBuffer>), { status: 200, headers });
  }
  const part = blob.content.subarray(range.from, range.to + 1);
  headers['content-length'] = String(part.byteLength);
  headers['content-range'] = `bytes ${range.from}-${range.to}/${blob.content.byteLength}`;
  const whole = headers['content-md5'];
  delete headers['content-md5'];
  if (whole !== undefined) headers['x-ms-blob-content-md5'] = whole;
  if (call.request.headers.get('x-ms-range-get-content-md5') === 'true') headers['content-md5'] = md5Of(part);
  return new Response(part as Uint8Array<ArrayBuffer>, { status: 206, headers });
}

/** @throws StorageError 404 */
export function requireBlob(call: BlobCall): Blob {
  const container = requireContainer(call);
  const found = storeOf(call).get(container.id, call.blob ?? '');
  if (found === undefined) throw new StorageError(404, 'BlobNotFound', 'The specified blob does not exist.');
  return found;
}

function blobHeaders(blob: BlobEntry | Blob): Record<string, string> {
  return {
    ...blob.headers,
    ...metadataHeaders(blob.metadata),
    etag: blob.etag,
    'last-modified': httpDate(blob.changedAt),
    'x-ms-creation-time': httpDate(blob.createdAt),
    'accept-ranges': 'bytes',
    'x-ms-blob-type': 'BlockBlob',
    'x-ms-lease-status': 'unlocked',
    'x-ms-lease-state': 'available',
    'x-ms-server-encrypted': 'true',
    'x-ms-access-tier': 'Hot',
    'x-ms-access-tier-inferred': 'true',
  };
}

/** `bytes=a-b` or `bytes=a-`; other forms are not understood and ignored, as the service does. */
function rangeOf(headers: Headers, size: number): { from: number; to: number } | undefined {
  const match = /^bytes=(\d{1,15})-(\d{0,15})$/.exec(headers.get('x-ms-range') ?? headers.get('range') ?? '');
  if (match === null) return undefined;
  const from = Number(match[1]);
  const to = match[2] === '' ? size - 1 : Math.min(Number(match[2]), size - 1);
  if (from >= size || to < from) {
    throw new StorageError(
      416,
      'InvalidRange',
      'The range specified is invalid for the current size of the resource.',
      {
        'content-range': `bytes */${size}`,
      },
    );
  }
  return { from, to };
}

function md5Of(part: Uint8Array): string {
  if (part.byteLength > LARGEST_HASHED_RANGE) {
    throw new StorageError(400, 'OutOfRangeInput', 'The range is too large for x-ms-range-get-content-md5.');
  }
  return createHash('md5').update(part).digest('base64');
}

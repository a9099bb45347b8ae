import { createHash } from 'node:crypto';
import {
  type BlobCall,
  httpDate,
  metadataOf,
  readContent,
  refuseHeaders,
  refuseLease,
  requireBlobAction,
  requireContainer,
  storeOf,
} from './blob-call.ts';
import { requireBlob } from './blob-read.ts';
import type { Blob } from './blob-store.ts';
import { newEtag, requireWriteConditions } from './etag.ts';
import { notImitated, StorageError } from './storage-error.ts';

/** Blobs are held in memory while they are written: what one request may carry in this cloud. */
export const LARGEST_CONTENT_BYTES = 256 * 1024 * 1024;
const LONGEST_NAME = 1024;

const CONTENT_HEADERS = {
  'x-ms-blob-content-type': 'content-type',
  'x-ms-blob-content-encoding': 'content-encoding',
  'x-ms-blob-content-language': 'content-language',
  'x-ms-blob-content-disposition': 'content-disposition',
  'x-ms-blob-cache-control': 'cache-control',
  'x-ms-blob-content-md5': 'content-md5',
} as const;

export const REFUSED_HEADERS = [
  'x-ms-copy-source',
  'x-ms-content-crc64',
  'x-ms-encryption-key',
  'x-ms-encryption-scope',
  'x-ms-tags',
  'x-ms-if-tags',
  'x-ms-structured-body',
  'x-ms-immutability-policy-until-date',
  'x-ms-legal-hold',
];

/** `PUT /{container}/{blob}` with the whole content. */
export async function putBlob(call: BlobCall): Promise<Response> {
  const { request } = call;
  requireBlobAction(call, ['write', 'add/action'], 'wc');
  refuseLease(request);
  refuseHeaders(request, REFUSED_HEADERS);
  const kind = request.headers.get('x-ms-blob-type');
  if (kind === null) throw missingHeader('x-ms-blob-type');
  if (kind !== 'BlockBlob') throw notImitated(`x-ms-blob-type ${kind}`);
  requireBlobName(call);
  const container = requireContainer(call);
  const content = await readContent(request, LARGEST_CONTENT_BYTES);
  requireMd5(request, content);
  const before = storeOf(call).get(container.id, call.blob ?? '');
  requireOverwrite(call, before);
  requireWriteConditions(request.headers, before);
  const md5 = createHash('md5').update(content).digest('base64');
  const type = request.headers.get('content-type') ?? 'application/octet-stream';
  const headers = { 'content-type': type, 'content-md5': md5, ...contentHeaders(request.headers) };
  const blob = makeBlob(call, content, headers, before);
  storeOf(call).put(container.id, blob);
  return written(blob, 201, { 'content-md5': md5 });
}

/** `PUT …?comp=metadata` replaces the metadata. */
export function setBlobMetadata(call: BlobCall): Response {
  requireBlobAction(call, ['write'], 'w');
  return change(call, (blob) => ({ ...blob, metadata: metadataOf(call.request.headers) }));
}

/** `PUT …?comp=properties` replaces the content headers. */
export function setBlobProperties(call: BlobCall): Response {
  requireBlobAction(call, ['write'], 'w');
  return change(call, (blob) => ({ ...blob, headers: contentHeaders(call.request.headers) }));
}

export function deleteBlob(call: BlobCall): Response {
  requireBlobAction(call, ['delete'], 'd');
  refuseLease(call.request);
  if (call.query.has('snapshot') || call.query.has('versionid'))
    throw notImitated('Snapshots and versions of blobs');
  const blob = requireBlob(call);
  requireWriteConditions(call.request.headers, blob);
  storeOf(call).delete(requireContainer(call).id, blob.name);
  return new Response(null, { status: 202, headers: { 'x-ms-delete-type-permanent': 'true' } });
}

/** The names the service refuses. */
export function requireBlobName(call: BlobCall): void {
  const name = call.blob ?? '';
  if (name.length <= LONGEST_NAME && name.split('/').length <= 254) return;
  throw new StorageError(400, 'InvalidResourceName', 'The specified resource name is too long.');
}

/** A signature that may only create must not overwrite. */
export function requireOverwrite(call: BlobCall, before: Blob | undefined): void {
  if (before !== undefined) requireBlobAction(call, ['write'], 'w');
}

export function makeBlob(
  call: BlobCall,
  content: Uint8Array,
  headers: Record<string, string>,
  before: Blob | undefined,
): Blob {
  const now = call.fabric.clock.now();
  return {
    name: call.blob ?? '',
    content,
    etag: newEtag(),
    createdAt: before?.createdAt ?? now,
    changedAt: now,
    headers,
    metadata: metadataOf(call.request.headers),
  };
}

export function written(blob: Blob, status: number, more: Record<string, string> = {}): Response {
  const headers = {
    etag: blob.etag,
    'last-modified': httpDate(blob.changedAt),
    'x-ms-request-server-encrypted': 'true',
    ...more,
  };
  return new Response(null, { status, headers });
}

/** @throws StorageError 400 when the content is not what its sender hashed */
export function requireMd5(request: Request, content: Uint8Array): void {
  const given = request.headers.get('content-md5');
  if (given === null || given === createHash('md5').update(content).digest('base64')) return;
  throw new StorageError(
    400,
    'Md5Mismatch',
    'The MD5 value specified in the request did not match with the MD5 value calculated by the server.',
  );
}

export function contentHeaders(headers: Headers): Record<string, string> {
  const kept: Record<string, string> = {};
  for (const [from, to] of Object.entries(CONTENT_HEADERS)) {
    const value = headers.get(from);
    if (value !== null) kept[to] = value;
  }
  return kept;
}

function change(call: BlobCall, changed: (blob: Blob) => Blob): Response {
  refuseLease(call.request);
  refuseHeaders(call.request, REFUSED_HEADERS);
  const before = requireBlob(call);
  requireWriteConditions(call.request.headers, before);
  const blob = { ...changed(before), etag: newEtag(), changedAt: call.fabric.clock.now() };
  const store = storeOf(call);
  const container = requireContainer(call).id;
  store.put(container, blob, store.blocks(container, blob.name, true));
  return written(blob, 200);
}

function missingHeader(name: string): StorageError {
  return new StorageError(
    400,
    'MissingRequiredHeader',
    `An HTTP header that is mandatory for this request is not specified: ${name}.`,
  );
}

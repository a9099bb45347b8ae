import {
  type BlobCall,
  readContent,
  refuseHeaders,
  refuseLease,
  requireBlobAction,
  requireContainer,
  storeOf,
} from './blob-call.ts';
import type { Block } from './blob-store.ts';
import {
  contentHeaders,
  LARGEST_CONTENT_BYTES,
  makeBlob,
  REFUSED_HEADERS,
  requireBlobName,
  requireMd5,
  requireOverwrite,
  written,
} from './blob-write.ts';
import { xmlResponse } from './container-routes.ts';
import { requireWriteConditions } from './etag.ts';
import { StorageError } from './storage-error.ts';
import { element, flatElements } from './xml.ts';

const MOST_BLOCKS = 50_000;
const LARGEST_LIST_BYTES = 8 * 1024 * 1024;
const LIST_KINDS = ['committed', 'uncommitted', 'all'];

/** `PUT …?comp=block&blockid=…` stages a block. */
export async function putBlock(call: BlobCall): Promise<Response> {
  requireBlobAction(call, ['write', 'add/action'], 'wc');
  refuseLease(call.request);
  refuseHeaders(call.request, REFUSED_HEADERS);
  requireBlobName(call);
  const id = call.query.get('blockid') ?? '';
  const raw = Buffer.from(id, 'base64');
  if (raw.byteLength === 0 || raw.byteLength > 64 || raw.toString('base64') !== id) {
    throw invalidParameter('blockid');
  }
  const container = requireContainer(call);
  const content = await readContent(call.request, LARGEST_CONTENT_BYTES);
  requireMd5(call.request, content);
  const staged = storeOf(call).blocks(container.id, call.blob ?? '', false);
  if (staged.some((block) => block.id.length !== id.length)) {
    throw new StorageError(400, 'InvalidBlobOrBlock', 'The specified blob or block content is invalid.');
  }
  storeOf(call).stage(container.id, call.blob ?? '', { id, content });
  return new Response(null, { status: 201, headers: { 'x-ms-request-server-encrypted': 'true' } });
}

/** `PUT …?comp=blocklist` makes the blob of the blocks named. */
export async function putBlockList(call: BlobCall): Promise<Response> {
  const { request } = call;
  requireBlobAction(call, ['write', 'add/action'], 'wc');
  refuseLease(request);
  refuseHeaders(request, REFUSED_HEADERS);
  requireBlobName(call);
  const container = requireContainer(call);
  const store = storeOf(call);
  const body = await readContent(request, LARGEST_LIST_BYTES);
  requireMd5(request, body);
  const wanted = flatElements(new TextDecoder().decode(body), 'BlockList');
  if (wanted === undefined || wanted.length > MOST_BLOCKS) throw invalidXml();
  const before = store.get(container.id, call.blob ?? '');
  requireOverwrite(call, before);
  requireWriteConditions(request.headers, before);
  const blocks = resolve(call, container.id, wanted);
  const size = blocks.reduce((sum, block) => sum + block.content.byteLength, 0);
  if (size > LARGEST_CONTENT_BYTES) {
    throw new StorageError(413, 'RequestBodyTooLarge', 'The blob exceeds what this cloud can hold.');
  }
  const headers = { 'content-type': 'application/octet-stream', ...contentHeaders(request.headers) };
  const blob = makeBlob(call, Buffer.concat(blocks.map(({ content }) => content)), headers, before);
  store.put(container.id, blob, blocks);
  return written(blob, 201);
}

/** `GET …?comp=blocklist&blocklisttype=committed|uncommitted|all` */
export function getBlockList(call: BlobCall): Response {
  requireBlobAction(call, ['read'], 'r');
  const container = requireContainer(call);
  const store = storeOf(call);
  const name = call.blob ?? '';
  const kind = (call.query.get('blocklisttype') ?? 'committed').toLowerCase();
  if (!LIST_KINDS.includes(kind)) throw invalidParameter('blocklisttype');
  const committed = kind === 'uncommitted' ? [] : store.blocks(container.id, name, true);
  const staged = kind === 'committed' ? [] : store.blocks(container.id, name, false);
  const blob = store.get(container.id, name);
  if (blob === undefined && store.blocks(container.id, name, false).length === 0) {
    throw new StorageError(404, 'BlobNotFound', 'The specified blob does not exist.');
  }
  const xml = `<?xml version="1.0" encoding="utf-8"?><BlockList><CommittedBlocks>${committed.map(blockXml).join('')}</CommittedBlocks><UncommittedBlocks>${staged.map(blockXml).join('')}</UncommittedBlocks></BlockList>`;
  const response = xmlResponse(xml);
  if (blob !== undefined) {
    response.headers.set('etag', blob.etag);
    response.headers.set('x-ms-blob-content-length', String(blob.content.byteLength));
  }
  return response;
}

function resolve(call: BlobCall, container: string, wanted: readonly [string, string][]): Block[] {
  const name = call.blob ?? '';
  const byId = (committed: boolean): Map<string, Block> =>
    new Map(
      storeOf(call)
        .blocks(container, name, committed)
        .map((block) => [block.id, block]),
    );
  const committed = byId(true);
  const staged = byId(false);
  return wanted.map(([where, id]) => {
    const block =
      where === 'Committed'
        ? committed.get(id)
        : where === 'Uncommitted'
          ? staged.get(id)
          : where === 'Latest'
            ? (staged.get(id) ?? committed.get(id))
            : undefined;
    if (block === undefined)
      throw new StorageError(400, 'InvalidBlockList', 'The specified block list is invalid.');
    return block;
  });
}

function blockXml(block: Block): string {
  return `<Block>${element('Name', block.id)}${element('Size', block.content.byteLength)}</Block>`;
}

function invalidParameter(name: string): StorageError {
  return new StorageError(
    400,
    'InvalidQueryParameterValue',
    `Value for one of the query parameters specified in the request URI is invalid: ${name}.`,
  );
}

function invalidXml(): StorageError {
  return new StorageError(400, 'InvalidXmlDocument', 'XML specified is not syntactically valid.');
}

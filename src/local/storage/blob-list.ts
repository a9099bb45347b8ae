import { type BlobCall, httpDate, requireBlobAction, requireContainer, storeOf } from './blob-call.ts';
import type { BlobEntry } from './blob-store.ts';
import { decodeMarker, encodeMarker, metadataXml, pageSize, xmlResponse } from './container-routes.ts';
import { notImitated } from './storage-error.ts';
import { element, escapeXml } from './xml.ts';

/** What `include` may name without changing anything: none of these exist in this cloud. */
const EMPTY_INCLUDES = new Set(['copy', 'deleted', 'snapshots', 'tags', 'versions', 'deletedwithversions']);

type Item = { readonly blob: BlobEntry } | { readonly prefix: string };

/** `GET /{container}?restype=container&comp=list` */
export function listBlobs(call: BlobCall): Response {
  requireBlobAction(call, ['read'], 'l');
  const container = requireContainer(call);
  const { query } = call;
  const includes = (query.get('include') ?? '').split(',').filter((item) => item !== '');
  const unknown = includes.find((item) => item !== 'metadata' && !EMPTY_INCLUDES.has(item));
  if (unknown !== undefined) throw notImitated(`include=${unknown}`);
  const prefix = query.get('prefix') ?? '';
  const delimiter = query.get('delimiter') ?? '';
  const limit = pageSize(call);
  const { items, next } = page(call, container.id, { prefix, delimiter, limit });
  const withMetadata = includes.includes('metadata');
  const xml =
    `<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="${call.account.origin}/" ContainerName="${escapeXml(container.name)}">` +
    element('Prefix', query.get('prefix') ?? undefined) +
    element('Marker', query.get('marker') ?? undefined) +
    element('MaxResults', query.get('maxresults') ?? undefined) +
    element('Delimiter', query.get('delimiter') ?? undefined) +
    `<Blobs>${items.map((item) => itemXml(item, withMetadata)).join('')}</Blobs>` +
    `<NextMarker>${encodeMarker(next)}</NextMarker></EnumerationResults>`;
  return xmlResponse(xml);
}

interface PageQuery {
  readonly prefix: string;
  readonly delimiter: string;
  readonly limit: number;
}

/** Names in order; with a delimiter, what lies below one is shown as its prefix only. */
function page(
  call: BlobCall,
  containerId: string,
  { prefix, delimiter, limit }: PageQuery,
): { items: Item[]; next: string | undefined } {
  const marker = decodeMarker(call.query.get('marker'));
  const most = delimiter === '' ? limit + 1 : Number.MAX_SAFE_INTEGER;
  const items: Item[] = [];
  let last = '';
  for (const blob of storeOf(call).list(containerId, prefix, marker, most)) {
    const at = delimiter === '' ? -1 : blob.name.indexOf(delimiter, prefix.length);
    const folder = at < 0 ? undefined : blob.name.slice(0, at + delimiter.length);
    if (folder !== undefined && folder === last) continue;
    if (items.length === limit) return { items, next: blob.name };
    items.push(folder === undefined ? { blob } : { prefix: folder });
    last = folder ?? '';
  }
  return { items, next: undefined };
}

function itemXml(item: Item, withMetadata: boolean): string {
  if ('prefix' in item) return `<BlobPrefix>${nameXml(item.prefix)}</BlobPrefix>`;
  const { blob } = item;
  return (
    `<Blob>${nameXml(blob.name)}<Properties>` +
    element('Creation-Time', httpDate(blob.createdAt)) +
    element('Last-Modified', httpDate(blob.changedAt)) +
    element('Etag', blob.etag.replaceAll('"', '')) +
    element('Content-Length', blob.size) +
    element('Content-Type', blob.headers['content-type']) +
    element('Content-Encoding', blob.headers['content-encoding'] ?? '') +
    element('Content-Language', blob.headers['content-language'] ?? '') +
    '<Content-CRC64 />' +
    element('Content-MD5', blob.headers['content-md5'] ?? '') +
    element('Cache-Control', blob.headers['cache-control'] ?? '') +
    element('Content-Disposition', blob.headers['content-disposition'] ?? '') +
    '<BlobType>BlockBlob</BlobType><AccessTier>Hot</AccessTier><AccessTierInferred>true</AccessTierInferred>' +
    '<LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState><ServerEncrypted>true</ServerEncrypted>' +
    `</Properties>${withMetadata ? metadataXml(blob.metadata) : ''}<OrMetadata /></Blob>`
  );
}

/** Names that XML cannot hold are percent-encoded and marked so. */
function nameXml(name: string): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: XML 1.0 does not have these
  if (!/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/.test(name)) return element('Name', name);
  return `<Name Encoded="true">${encodeURIComponent(name)}</Name>`;
}

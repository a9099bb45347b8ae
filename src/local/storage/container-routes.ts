import {
  type BlobCall,
  httpDate,
  metadataHeaders,
  metadataOf,
  refuseHeaders,
  refuseLease,
  requireContainer,
  requireContainerAction,
} from './blob-call.ts';
import {
  type Container,
  findContainer,
  isContainerName,
  listContainers,
  putContainer,
  removeContainer,
} from './containers.ts';
import { requireReadConditions, requireWriteConditions } from './etag.ts';
import { notImitated, StorageError } from './storage-error.ts';
import { element, escapeXml } from './xml.ts';

const LARGEST_PAGE = 5000;

/** `PUT /{container}?restype=container` */
export function createContainer(call: BlobCall): Response {
  requireContainerAction(call, 'write');
  refuseHeaders(call.request, ['x-ms-blob-public-access', 'x-ms-default-encryption-scope']);
  if (!isContainerName(call.container)) {
    throw new StorageError(
      400,
      'InvalidResourceName',
      'The specified resource name contains invalid characters.',
    );
  }
  if (findContainer(call.fabric, call.account, call.container) !== undefined) {
    throw new StorageError(409, 'ContainerAlreadyExists', 'The specified container already exists.');
  }
  const metadata = metadataOf(call.request.headers);
  const made = putContainer(call.fabric, call.account, call.container, metadata);
  return new Response(null, { status: 201, headers: versionHeaders(made) });
}

/** `GET|HEAD /{container}?restype=container`, with or without `comp=metadata` */
export function readContainer(call: BlobCall): Response {
  requireContainerAction(call, 'read');
  refuseLease(call.request);
  const container = requireContainer(call);
  requireReadConditions(new Headers(), container);
  const headers = {
    ...versionHeaders(container),
    ...metadataHeaders(container.metadata),
    'x-ms-lease-status': 'unlocked',
    'x-ms-lease-state': 'available',
    'x-ms-has-immutability-policy': 'false',
    'x-ms-has-legal-hold': 'false',
    'x-ms-default-encryption-scope': '$account-encryption-key',
    'x-ms-deny-encryption-scope-override': 'false',
  };
  return new Response(null, { status: 200, headers });
}

/** `PUT /{container}?restype=container&comp=metadata` */
export function setContainerMetadata(call: BlobCall): Response {
  requireContainerAction(call, 'write');
  refuseLease(call.request);
  requireWriteConditions(call.request.headers, requireContainer(call));
  const changed = putContainer(call.fabric, call.account, call.container, metadataOf(call.request.headers));
  return new Response(null, { status: 200, headers: versionHeaders(changed) });
}

/** `DELETE /{container}?restype=container` */
export function deleteContainer(call: BlobCall): Response {
  requireContainerAction(call, 'delete');
  refuseLease(call.request);
  const container = requireContainer(call);
  requireWriteConditions(call.request.headers, container);
  removeContainer(call.fabric, container);
  return new Response(null, { status: 202 });
}

/** `GET /?comp=list` */
export function answerContainerList(call: BlobCall): Response {
  requireContainerAction(call, 'read');
  const include = call.query.get('include') ?? '';
  if (include !== '' && include !== 'metadata') throw notImitated(`include=${include}`);
  const prefix = call.query.get('prefix') ?? '';
  const limit = pageSize(call);
  const marker = decodeMarker(call.query.get('marker'));
  const found = listContainers(call.fabric, call.account).filter(
    ({ name }) => name.startsWith(prefix) && name >= marker,
  );
  const items = found.slice(0, limit).map((container) => containerXml(container, include === 'metadata'));
  const xml =
    `<?xml version="1.0" encoding="utf-8"?><EnumerationResults ServiceEndpoint="${call.account.origin}/">` +
    element('Prefix', prefix === '' ? undefined : prefix) +
    element('MaxResults', call.query.get('maxresults') ?? undefined) +
    `<Containers>${items.join('')}</Containers>` +
    `<NextMarker>${encodeMarker(found[limit]?.name)}</NextMarker></EnumerationResults>`;
  return xmlResponse(xml);
}

export function xmlResponse(xml: string, status = 200): Response {
  return new Response(xml, { status, headers: { 'content-type': 'application/xml' } });
}

/** `maxresults`, 1 to 5000. */
export function pageSize(call: BlobCall): number {
  const given = call.query.get('maxresults');
  if (given === null) return LARGEST_PAGE;
  const size = Number(given);
  if (!Number.isInteger(size) || size < 1) {
    throw new StorageError(
      400,
      'OutOfRangeQueryParameterValue',
      'One of the query parameters specified in the request URI is outside the permissible range.',
    );
  }
  return Math.min(size, LARGEST_PAGE);
}

/** Markers are opaque: the name of the next item, encoded. */
export function encodeMarker(name: string | undefined): string {
  return name === undefined ? '' : Buffer.from(name, 'utf8').toString('base64url');
}

export function decodeMarker(marker: string | null): string {
  return marker === null ? '' : Buffer.from(marker, 'base64url').toString('utf8');
}

export function metadataXml(metadata: Readonly<Record<string, string>>): string {
  const items = Object.entries(metadata).map(([name, value]) => `<${name}>${escapeXml(value)}</${name}>`);
  return `<Metadata>${items.join('')}</Metadata>`;
}

function containerXml(container: Container, withMetadata: boolean): string {
  return (
    `<Container>${element('Name', container.name)}<Properties>` +
    element('Last-Modified', httpDate(container.changedAt)) +
    element('Etag', container.etag) +
    '<LeaseStatus>unlocked</LeaseStatus><LeaseState>available</LeaseState>' +
    '<DefaultEncryptionScope>$account-encryption-key</DefaultEncryptionScope>' +
    '<DenyEncryptionScopeOverride>false</DenyEncryptionScopeOverride>' +
    '<HasImmutabilityPolicy>false</HasImmutabilityPolicy><HasLegalHold>false</HasLegalHold>' +
    `</Properties>${withMetadata ? metadataXml(container.metadata) : ''}</Container>`
  );
}

function versionHeaders(container: Container): Record<string, string> {
  return { etag: container.etag, 'last-modified': httpDate(container.changedAt) };
}

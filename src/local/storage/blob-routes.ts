import { getBlockList, putBlock, putBlockList } from './blob-blocks.ts';
import type { BlobCall } from './blob-call.ts';
import { listBlobs } from './blob-list.ts';
import { readBlob } from './blob-read.ts';
import { deleteBlob, putBlob, setBlobMetadata, setBlobProperties } from './blob-write.ts';
import {
  answerContainerList,
  createContainer,
  deleteContainer,
  readContainer,
  setContainerMetadata,
} from './container-routes.ts';
import { issueDelegationKey } from './delegation-route.ts';
import { notImitated } from './storage-error.ts';

type Handler = (call: BlobCall) => Promise<Response> | Response;

/** `{level} {METHOD} {comp}`; level is what the path names, `restype` must agree with it. */
const ROUTES: Readonly<Record<string, Handler>> = {
  'account GET list': answerContainerList,
  'service POST userdelegationkey': issueDelegationKey,
  'container PUT': createContainer,
  'container GET': readContainer,
  'container HEAD': readContainer,
  'container GET metadata': readContainer,
  'container HEAD metadata': readContainer,
  'container PUT metadata': setContainerMetadata,
  'container DELETE': deleteContainer,
  'container GET list': listBlobs,
  'blob PUT': putBlob,
  'blob PUT block': putBlock,
  'blob PUT blocklist': putBlockList,
  'blob GET blocklist': getBlockList,
  'blob PUT metadata': setBlobMetadata,
  'blob PUT properties': setBlobProperties,
  'blob GET': readBlob,
  'blob HEAD': readBlob,
  'blob HEAD metadata': readBlob,
  'blob DELETE': deleteBlob,
};

/** Query parameters that would address something this cloud does not have. */
const REFUSED = ['snapshot', 'versionid', 'timeout_ms', 'where'];

/** @throws StorageError 501 for calls this cloud does not know */
export function routeBlob(call: BlobCall): Promise<Response> | Response {
  const route = `${levelOf(call)} ${call.request.method} ${call.query.get('comp') ?? ''}`.trim();
  const handler = Object.hasOwn(ROUTES, route) ? ROUTES[route] : undefined;
  const refused = REFUSED.find((name) => call.query.has(name));
  if (handler === undefined || refused !== undefined) {
    throw notImitated(refused === undefined ? `The blob call "${route}"` : `The parameter ${refused}`);
  }
  return handler(call);
}

function levelOf(call: BlobCall): string {
  const restype = call.query.get('restype');
  if (call.blob !== undefined) return restype === null ? 'blob' : 'unknown';
  if (call.container === '') return restype ?? 'account';
  return restype === 'container' ? 'container' : 'unknown';
}

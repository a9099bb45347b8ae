import { type BlobCall, readContent } from './blob-call.ts';
import { xmlResponse } from './container-routes.ts';
import { delegationKeyValue, LONGEST_DELEGATION_MS } from './delegation-key.ts';
import { notImitated, StorageError } from './storage-error.ts';
import { element, flatElements } from './xml.ts';

/** `POST /?restype=service&comp=userdelegationkey`: a key that signs in the caller's name. */
export async function issueDelegationKey(call: BlobCall): Promise<Response> {
  const { fabric, account, access } = call;
  access.require({
    actions: ['Microsoft.Storage/storageAccounts/blobServices/generateUserDelegationKey/action'],
    data: false,
    scope: account.id,
  });
  const objectId = access.principalId ?? '';
  const { start, expiry } = await period(call);
  const terms = { objectId, tenantId: fabric.tenantId, start, expiry, service: 'b', version: call.version };
  const xml =
    '<?xml version="1.0" encoding="utf-8"?><UserDelegationKey>' +
    element('SignedOid', objectId) +
    element('SignedTid', fabric.tenantId) +
    element('SignedStart', start) +
    element('SignedExpiry', expiry) +
    element('SignedService', 'b') +
    element('SignedVersion', call.version) +
    element('Value', delegationKeyValue(fabric, account, terms)) +
    '</UserDelegationKey>';
  return xmlResponse(xml);
}

async function period(call: BlobCall): Promise<{ start: string; expiry: string }> {
  const body = new TextDecoder().decode(await readContent(call.request, 16 * 1024));
  const elements = flatElements(body, 'KeyInfo');
  if (elements === undefined) throw invalid('XML specified is not syntactically valid.');
  const of = (name: string): string | undefined => elements.find(([item]) => item === name)?.[1];
  if (of('DelegatedUserTid') !== undefined) throw notImitated('Keys for another tenant');
  const now = call.fabric.clock.now();
  const start = of('Start') === undefined ? now : Date.parse(of('Start') ?? '');
  const expiry = Date.parse(of('Expiry') ?? '');
  if (Number.isNaN(start) || Number.isNaN(expiry) || expiry <= start || expiry <= now) {
    throw invalid('Start and Expiry must be instants, in this order, and not over.');
  }
  if (expiry - now > LONGEST_DELEGATION_MS) throw invalid('A key can live seven days at most.');
  return { start: seconds(start), expiry: seconds(expiry) };
}

/** ISO instant in whole seconds, as signatures repeat it. */
function seconds(ms: number): string {
  return `${new Date(ms).toISOString().slice(0, 19)}Z`;
}

function invalid(message: string): StorageError {
  return new StorageError(400, 'InvalidXmlNodeValue', message);
}

import type { JsonObject } from '../../smart/granular.ts';
import { askBackend } from './backend.ts';
import { basesOf, type DataRequest } from './data-request.ts';
import { localReference } from './patient-context.ts';

/** Pages of documents that are looked through for the owner of an attachment. */
const PAGES = 5;
const PAGE_SIZE = 200;

/**
 * A Binary is in no compartment: it may be read when a DocumentReference that the token may read, of the token's
 * patient, has it as an attachment.
 */
export async function isAttachmentOf(request: DataRequest, binaryId: string): Promise<boolean> {
  const { permissions, gateway, live } = request;
  const { patient } = permissions;
  if (patient === undefined || permissions.scopesFor('DocumentReference', 'r').length === 0) return false;
  const bases = basesOf(gateway);
  let query: URLSearchParams | undefined = new URLSearchParams({
    patient: `Patient/${patient}`,
    _count: String(PAGE_SIZE),
  });
  for (let page = 0; page < PAGES && query !== undefined; page++) {
    const answer = await askBackend(gateway, {
      method: 'GET',
      path: 'DocumentReference',
      query,
      token: live.token,
    });
    const bundle = answer.status === 200 ? (answer.json ?? {}) : {};
    const documents = list(bundle['entry']).map((entry) => (entry['resource'] ?? {}) as JsonObject);
    const owns = documents.some(
      (document) =>
        permissions.permits(document, 'r') &&
        attachmentUrls(document).some((url) => localReference(url, bases) === `Binary/${binaryId}`),
    );
    if (owns) return true;
    const next = list(bundle['link']).find((link) => link['relation'] === 'next')?.['url'];
    query = typeof next === 'string' && URL.canParse(next) ? new URL(next).searchParams : undefined;
  }
  return false;
}

function attachmentUrls(document: JsonObject): readonly string[] {
  return list(document['content']).flatMap((content) => {
    const url = (content['attachment'] as JsonObject | undefined)?.['url'];
    return typeof url === 'string' ? [url] : [];
  });
}

function list(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? (value as readonly JsonObject[]) : [];
}

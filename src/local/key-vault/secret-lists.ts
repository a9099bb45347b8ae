import { deletedOf, itemOf, latest } from './secret-documents.ts';
import { existing, type SecretCall } from './secrets.ts';
import { badParameter } from './vault-error.ts';

const LARGEST_PAGE = 25;

/** `GET /secrets`: the newest version of each, without values. */
export function listSecrets(call: SecretCall): unknown {
  return page(
    call,
    call.store.list().map((secret) => [secret.name, itemOf(call.vault, secret, latest(secret), false)]),
  );
}

/** `GET /secrets/{name}/versions` */
export function listVersions(call: SecretCall): unknown {
  const secret = existing(call);
  const items = secret.versions.map((version): [string, unknown] => [
    version.version,
    itemOf(call.vault, secret, version, true),
  ]);
  return page(call, items);
}

/** `GET /deletedsecrets` */
export function listDeletedSecrets(call: SecretCall): unknown {
  return page(
    call,
    call.store.listDeleted().map((secret) => [secret.name, deletedOf(call.vault, secret, false)]),
  );
}

/** At most 25 items; `nextLink` carries the key of the first item of the next page. */
function page(call: SecretCall, items: readonly (readonly [string, unknown])[]): unknown {
  const url = new URL(call.request.url);
  const size = Number(url.searchParams.get('maxresults') ?? LARGEST_PAGE);
  if (!Number.isInteger(size) || size < 1 || size > LARGEST_PAGE) {
    throw badParameter(`maxresults must be between 1 and ${LARGEST_PAGE}`);
  }
  const marker = url.searchParams.get('$skiptoken');
  const from = marker === null ? 0 : items.findIndex(([key]) => key === decodeMarker(marker));
  if (from < 0) throw badParameter('The $skiptoken is invalid.');
  const next = items[from + size];
  if (next === undefined) return { value: items.slice(from).map(([, item]) => item), nextLink: null };
  url.searchParams.set('$skiptoken', Buffer.from(next[0]).toString('base64url'));
  url.searchParams.set('maxresults', String(size));
  const nextLink = `${call.vault.origin}${url.pathname}${url.search}`;
  return { value: items.slice(from, from + size).map(([, item]) => item), nextLink };
}

function decodeMarker(marker: string): string {
  return Buffer.from(marker, 'base64url').toString('utf8');
}

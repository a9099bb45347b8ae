import { FhirError } from './fhir-error.ts';
import type { Reply } from './interaction.ts';
import type { StoredVersion } from './store/fhir-store.ts';

export function etagOf(version: number): string {
  return `W/"${version}"`;
}

export function versionHeaders(stored: StoredVersion): Record<string, string> {
  return { ETag: etagOf(stored.version), 'Last-Modified': new Date(stored.updatedAt).toUTCString() };
}

function locationOf(base: string, stored: StoredVersion): string {
  return `${base}/${stored.type}/${stored.id}/_history/${stored.version}`;
}

/** @throws FhirError 410 with the ETag of the deleted version */
export function refuseDeleted(stored: StoredVersion): void {
  if (!stored.deleted) return;
  throw new FhirError(
    410,
    'deleted',
    `Requested version '${stored.version}' of resource '${stored.type}' with id '${stored.id}' was deleted.`,
    { headers: { ETag: etagOf(stored.version) } },
  );
}

/** What a write answers: the resource unless `Prefer: return` asks for less. */
export function writtenReply(
  status: number,
  stored: StoredVersion,
  options: { readonly base: string; readonly preference: string | undefined; readonly message?: string },
): Reply {
  const headers = {
    ...versionHeaders(stored),
    ...(status === 201 ? { Location: locationOf(options.base, stored) } : {}),
  };
  if (options.preference === 'minimal') return { status, headers };
  if (options.preference === 'operationoutcome') {
    const diagnostics = options.message ?? 'All OK';
    const issue = [{ severity: 'information', code: 'informational', diagnostics }];
    return { status, headers, body: { resourceType: 'OperationOutcome', issue } };
  }
  return { status, headers, body: stored.json };
}

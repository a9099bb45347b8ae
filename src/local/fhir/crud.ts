import { randomUUID } from 'node:crypto';
import { requireAccess, resourceNotFound, visibleResource } from './access.ts';
import { badRequest, FhirError, notFound } from './fhir-error.ts';
import { type Interaction, preferences, type Reply } from './interaction.ts';
import { applyJsonPatch } from './json-patch.ts';
import { isObject, type Resource } from './resource.ts';
import type { StoredVersion } from './store/fhir-store.ts';
import { etagOf, refuseDeleted, versionHeaders, writtenReply } from './stored-reply.ts';
import { checkStructure } from './structure.ts';
import { checkIfMatch, resourceToWrite } from './write-checks.ts';

export function read(interaction: Interaction, type: string, id: string): Reply {
  requireAccess(interaction.caller, 'read', ['read', 'readById'], type);
  const stored = visibleResource(interaction, type, id);
  refuseDeleted(stored);
  return { status: 200, headers: versionHeaders(stored), body: stored.json };
}

export function readVersion(interaction: Interaction, type: string, id: string, version: string): Reply {
  requireAccess(interaction.caller, 'read', ['read', 'readById'], type);
  if (interaction.caller.smart !== undefined) visibleResource(interaction, type, id);
  const stored = /^\d{1,9}$/.test(version)
    ? interaction.store.readVersion(type, id, Number(version))
    : undefined;
  if (stored === undefined) {
    throw notFound(`Resource type '${type}' with id '${id}' and version '${version}' couldn't be found.`);
  }
  refuseDeleted(stored);
  return { status: 200, headers: versionHeaders(stored), body: stored.json };
}

/** @param id given by a transaction that has to know it beforehand */
export function create(interaction: Interaction, type: string, id: string = randomUUID()): Reply {
  requireAccess(interaction.caller, 'write', ['write', 'create'], type);
  const resource = resourceToWrite(interaction, type);
  return writeAs(interaction, resource, id, 'POST', undefined);
}

export function update(interaction: Interaction, type: string, id: string): Reply {
  requireAccess(interaction.caller, 'write', ['write', 'update'], type);
  const resource = resourceToWrite(interaction, type);
  if (resource.id === undefined || resource.id === '')
    throw badRequest('Id must be specified in the resource.');
  if (resource.id !== id) throw badRequest('Id in the URL must match id in the resource.');
  const current = interaction.store.read(type, id);
  checkIfMatch(interaction.headers, current);
  if (current === undefined && interaction.headers.get('if-match') !== null) throw resourceNotFound(type, id);
  if (current !== undefined && interaction.versionPolicy(type) === 'versioned-update') {
    if ((interaction.headers.get('if-match') ?? '') === '') {
      throw new FhirError(
        412,
        'conflict',
        `A valid if-match header is required for resource type '${type}'.`,
      );
    }
  }
  return writeAs(interaction, resource, id, 'PUT', current);
}

export function patch(interaction: Interaction, type: string, id: string): Reply {
  requireAccess(interaction.caller, 'write', ['write', 'update'], type);
  const current = interaction.store.read(type, id);
  if (current === undefined) throw resourceNotFound(type, id);
  refuseDeleted(current);
  checkIfMatch(interaction.headers, current);
  const before = JSON.parse(current.json) as Resource;
  const after = checkStructure(applyJsonPatch(before, interaction.body));
  const fixed = after.resourceType === before.resourceType && after.id === before.id;
  if (
    !fixed ||
    after.meta?.versionId !== before.meta?.versionId ||
    after.meta?.lastUpdated !== before.meta?.lastUpdated
  ) {
    throw badRequest('Patching immutable properties is not allowed.');
  }
  return writeAs(interaction, after, id, 'PATCH', current);
}

export function remove(interaction: Interaction, type: string, id: string): Reply {
  const hard = interaction.query.some(([name, value]) => /^_?hardDelete$/.test(name) && value === 'true');
  requireAccess(interaction.caller, hard ? 'hardDelete/action' : 'delete', ['write', 'delete'], type);
  if (hard) {
    interaction.store.hardDelete(type, id);
    return { status: 204 };
  }
  const gone = interaction.store.softDelete(type, id, interaction.fabric.clock.now());
  return gone === undefined ? { status: 204 } : { status: 204, headers: { ETag: etagOf(gone.version) } };
}

export function purgeHistory(interaction: Interaction, type: string, id: string): Reply {
  requireAccess(interaction.caller, 'hardDelete/action', ['write', 'delete'], type);
  interaction.store.purgeHistory(type, id);
  return { status: 204 };
}

/** Stores unless nothing changed: the service then answers with the version it has. */
export function writeAs(
  interaction: Interaction,
  resource: Resource,
  id: string,
  method: string,
  current: StoredVersion | undefined,
): Reply {
  const { store, fabric } = interaction;
  const status = current === undefined || current.deleted ? 201 : 200;
  const unchanged = current !== undefined && !current.deleted && sameContent(current.json, resource, id);
  const stored = unchanged ? current : store.write(resource, id, method, fabric.clock.now());
  if (interaction.versionPolicy(resource.resourceType) === 'no-version')
    store.purgeHistory(resource.resourceType, id);
  return writtenReply(status, stored, {
    base: store.base,
    preference: preferences(interaction.headers).get('return'),
  });
}

function sameContent(json: string, resource: Resource, id: string): boolean {
  return canonicalText(JSON.parse(json) as Resource, id) === canonicalText(resource, id);
}

function canonicalText(resource: Resource, id: string): string {
  const { id: _id, meta, ...rest } = resource;
  const { versionId: _version, lastUpdated: _updated, ...kept } = meta ?? {};
  return JSON.stringify(
    sortedKeys({ ...rest, id, ...(Object.keys(kept).length === 0 ? {} : { meta: kept }) }),
  );
}

function sortedKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sortedKeys);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.keys(value)
      .sort()
      .map((key) => [key, sortedKeys(value[key])]),
  );
}

import { randomUUID } from 'node:crypto';
import { requireAccess, searchScope } from './access.ts';
import { create, remove, writeAs } from './crud.ts';
import { badRequest, FhirError } from './fhir-error.ts';
import { type Interaction, preferences, type Reply } from './interaction.ts';
import type { FoundRow } from './search/includes.ts';
import { parseSearch } from './search/search-request.ts';
import { runSearch } from './search/search-run.ts';
import { writtenReply } from './stored-reply.ts';
import { checkIfMatch, resourceToWrite } from './write-checks.ts';

const MOST_CONDITIONAL_DELETES = 100;

/** Create unless the criteria of `If-None-Exist` find one (FHIR R4 section 3.1.0.8.1). */
export function conditionalCreate(
  interaction: Interaction,
  type: string,
  criteria: string,
  id?: string,
): Reply {
  requireAccess(interaction.caller, 'write', ['write', 'create'], type);
  const found = matching(interaction, type, [...new URLSearchParams(criteria)], 2);
  const [existing] = found;
  if (found.length > 1) throw notSelective(type);
  if (existing === undefined) return create(interaction, type, id ?? randomUUID());
  const stored = interaction.store.read(type, existing.id);
  if (stored === undefined) throw notSelective(type);
  return writtenReply(200, stored, {
    base: interaction.store.base,
    preference: preferences(interaction.headers).get('return'),
    message: 'The resource already exists.',
  });
}

export function conditionalUpdate(interaction: Interaction, type: string): Reply {
  requireAccess(interaction.caller, 'write', ['write', 'update'], type);
  const resource = resourceToWrite(interaction, type);
  const found = matching(interaction, type, interaction.query, 2);
  if (found.length > 1) throw notSelective(type);
  const [existing] = found;
  if (existing !== undefined && resource.id !== undefined && resource.id !== existing.id) {
    throw badRequest(
      `Found result with Id '${existing.id}', which did not match the provided Id '${resource.id}'.`,
    );
  }
  const id = existing?.id ?? resource.id ?? randomUUID();
  const current = interaction.store.read(type, id);
  checkIfMatch(interaction.headers, current);
  return writeAs(interaction, resource, id, 'PUT', current);
}

export function conditionalDelete(interaction: Interaction, type: string): Reply {
  requireAccess(interaction.caller, 'delete', ['write', 'delete'], type);
  const counted = interaction.query.find(([name]) => name === '_count')?.[1];
  const most = counted === undefined ? 1 : Number(counted);
  if (!Number.isInteger(most) || most < 1 || most > MOST_CONDITIONAL_DELETES) {
    throw badRequest(`The _count parameter must be between 1 and ${MOST_CONDITIONAL_DELETES}.`);
  }
  const criteria = interaction.query.filter(([name]) => name !== '_count' && !/^_?hardDelete$/.test(name));
  const found = matching(interaction, type, criteria, most + 1);
  if (counted === undefined && found.length > 1) throw notSelective(type);
  for (const row of found.slice(0, most)) remove(interaction, type, row.id);
  return { status: 204, headers: { 'Items-Deleted': String(Math.min(found.length, most)) } };
}

/**
 * What the criteria find; criteria that would be ignored make the operation refuse instead.
 *
 * @throws FhirError 412
 */
function matching(
  interaction: Interaction,
  type: string,
  criteria: readonly (readonly [string, string])[],
  limit: number,
): readonly FoundRow[] {
  const request = parseSearch(criteria);
  if (request.criteria.length === 0) throw notSelective(type);
  const { caller } = interaction;
  const scope = searchScope(interaction);
  const result = runSearch({
    scope,
    access: caller.smart,
    type,
    // Whatever the criteria say about pages and counts: what matches has to be seen.
    request: { ...request, count: limit, countOnly: false, continuation: undefined },
    strict: true,
  });
  return result.matches;
}

function notSelective(type: string): Error {
  return new FhirError(
    412,
    'conflict',
    `Conditional operation on ${type} was not attempted because search criteria was not selective enough.`,
  );
}

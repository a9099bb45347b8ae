import type { JsonObject } from '../../smart/granular.ts';
import { insufficientScope, notFound } from '../fhir-error.ts';
import { askBackend, type BackendAnswer } from './backend.ts';
import { isAttachmentOf } from './binary.ts';
import { basesOf, type DataRequest } from './data-request.ts';
import { filterBundle } from './filter.ts';
import type { Interaction } from './interaction.ts';
import type { Permissions } from './permissions.ts';
import { dropTrimming, guardSearch } from './search-rules.ts';

/** The answer of the FHIR service, without what the token may not see. */
export async function answerData(request: DataRequest, interaction: Interaction): Promise<BackendAnswer> {
  switch (interaction.kind) {
    case 'read':
      return read(request, interaction);
    case 'history':
      return history(request, interaction);
    case 'search':
      return search(request, interaction);
    case 'everything':
      return everything(request, interaction.id);
    default:
      throw new Error(`${interaction.kind} is not a request for data`);
  }
}

async function read(
  request: DataRequest,
  { type, id, version }: { type: string; id: string; version?: string },
): Promise<BackendAnswer> {
  refuseInstance(request, type, id);
  const path = version === undefined ? `${type}/${id}` : `${type}/${id}/_history/${version}`;
  const answer = await ask(request, path, wholeResources(request.query));
  if (answer.status !== 200) return answer;
  if (!(await mayRead(request, answer.json ?? {}, id))) throw notFound();
  return answer;
}

function wholeResources(query: URLSearchParams): URLSearchParams {
  const whole = new URLSearchParams(query);
  dropTrimming(whole);
  return whole;
}

/** What the address alone tells: no scope for the type, or a Patient who is not the one of the token. */
function refuseInstance({ permissions }: DataRequest, type: string, id: string): void {
  const scopes = permissions.scopesFor(type, 'r');
  if (scopes.length === 0) throw insufficientScope(`reading ${type} is not in the scope of this token`);
  const bound = scopes.every((scope) => scope.context === 'patient');
  if (bound && type === 'Patient' && id !== permissions.patient) {
    throw insufficientScope('this token is for another patient');
  }
}

async function mayRead(request: DataRequest, resource: JsonObject, id: string): Promise<boolean> {
  const { permissions } = request;
  if (permissions.permits(resource, 'r')) return true;
  return resource['resourceType'] === 'Binary' && (await isAttachmentOf(request, id));
}

async function history(
  request: DataRequest,
  { type, id }: { type: string; id: string },
): Promise<BackendAnswer> {
  // The instance as it is now decides who may see how it was.
  const current = await read({ ...request, query: new URLSearchParams() }, { type, id });
  if (current.status !== 200) return current;
  return filtered(
    request,
    await ask(request, `${type}/${id}/_history`, wholeResources(request.query)),
    'r',
    true,
  );
}

async function search(
  request: DataRequest,
  { type, within }: { type: string; within?: { type: string; id: string } },
): Promise<BackendAnswer> {
  const { permissions, gateway } = request;
  const guarded = guardSearch(type, request.query, permissions, basesOf(gateway));
  if (within !== undefined) refuseCompartment(permissions, type, within);
  const base = within === undefined ? type : `${within.type}/${within.id}/${type}`;
  const path = request.method === 'POST' ? `${base}/_search` : base;
  return filtered(request, await ask(request, path, guarded.query), 's', guarded.exact);
}

function refuseCompartment(
  permissions: Permissions,
  type: string,
  within: { type: string; id: string },
): void {
  const bound = permissions.scopesFor(type, 's').every((scope) => scope.context === 'patient');
  if (bound && within.type === 'Patient' && within.id !== permissions.patient) {
    throw insufficientScope('this token is for another patient');
  }
}

async function everything(request: DataRequest, id: string): Promise<BackendAnswer> {
  refuseInstance(request, 'Patient', id);
  if (request.permissions.scopesFor('Patient', 's').length === 0) {
    throw insufficientScope('$everything needs the right to search');
  }
  return filtered(
    request,
    await ask(request, `Patient/${id}/$everything`, wholeResources(request.query)),
    's',
    false,
  );
}

function filtered(
  request: DataRequest,
  answer: BackendAnswer,
  letter: 'r' | 's',
  exact: boolean,
): BackendAnswer {
  if (answer.status !== 200 || answer.json?.['resourceType'] !== 'Bundle') return answer;
  const { permissions, gateway } = request;
  return {
    ...answer,
    json: filterBundle(answer.json, { permissions, letter, bases: basesOf(gateway), exact }),
  };
}

function ask(request: DataRequest, path: string, query: URLSearchParams): Promise<BackendAnswer> {
  return askBackend(request.gateway, {
    method: request.method,
    path,
    query,
    token: request.live.token,
    ...(request.prefer === null ? {} : { headers: { prefer: request.prefer } }),
  });
}

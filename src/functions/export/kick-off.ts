import { parseScopeList, resourceScopes } from '../../smart/scopes.ts';
import type { Gateway } from '../context.ts';
import { FhirError, insufficientScope, notFound } from '../fhir-error.ts';
import { askBackend, fhirResponse } from '../guard/backend.ts';
import type { Interaction } from '../guard/interaction.ts';
import type { LiveToken } from '../guard/live-token.ts';
import { fhirBase } from '../settings.ts';
import { EXPORT_LIFETIME_MS } from '../state/state.ts';

type Export = Extract<Interaction, { kind: 'export' }>;

/** Where files go and how they are made is ours to say. */
const RESERVED = [
  '_container',
  '_format',
  '_anonymizationConfig',
  '_anonymizationConfigCollectionReference',
  '_anonymizationConfigEtag',
];
const LISTS = ['_type', '_typeFilter'];

/** `$export` of system, all patients or a group: started by the FHIR service, into a container of this client alone. */
export async function kickOff(
  gateway: Gateway,
  live: LiveToken,
  request: Request,
  target: Export,
): Promise<Response> {
  const url = new URL(request.url);
  const query = exportQuery(live, url.searchParams, target);
  const container = containerOf(live.record.clientId);
  query.set('_container', container);
  if (target.group !== undefined) await requireGroup(gateway, live, target.group);
  const lenient = /handling=lenient/.test(request.headers.get('prefer') ?? '');
  const answer = await askBackend(gateway, {
    method: 'GET',
    path: pathOf(target),
    query,
    token: live.token,
    headers: { prefer: lenient ? 'respond-async, handling=lenient' : 'respond-async' },
  });
  if (answer.status !== 202) return fhirResponse(gateway, answer);
  const id = /\/_operations\/export\/([A-Za-z0-9-]{1,64})$/.exec(
    answer.headers.get('content-location') ?? '',
  )?.[1];
  if (id === undefined)
    throw new FhirError(502, 'exception', 'the FHIR service did not say where its export can be followed');
  const record = {
    clientId: live.record.clientId,
    container,
    request: `${fhirBase(gateway.settings)}/${pathOf(target)}${url.search}`,
    repeats: target.level !== 'system',
  };
  await gateway.state.exports.insert(id, record, gateway.clock.now() + EXPORT_LIFETIME_MS);
  return new Response(null, {
    status: 202,
    headers: {
      'content-location': `${fhirBase(gateway.settings)}/_operations/export/${id}`,
      'cache-control': 'no-store',
    },
  });
}

/** The service takes a job for a group that does not exist and lets it fail later; clients are told at once. */
async function requireGroup(gateway: Gateway, live: LiveToken, id: string): Promise<void> {
  const query = new URLSearchParams();
  const { status } = await askBackend(gateway, {
    method: 'GET',
    path: `Group/${id}`,
    query,
    token: live.token,
  });
  if (status === 404 || status === 410) throw notFound();
}

/** The client's parameters, limited to the types its scopes cover. */
function exportQuery(live: LiveToken, asked: URLSearchParams, target: Export): URLSearchParams {
  const reserved = RESERVED.find((name) => asked.has(name));
  if (reserved !== undefined)
    throw new FhirError(400, 'not-supported', `the parameter ${reserved} is not offered`);
  const query = new URLSearchParams();
  for (const [name, value] of asked) if (!LISTS.includes(name)) query.append(name, value);
  for (const name of LISTS) {
    const values = asked.getAll(name).filter((value) => value !== '');
    if (values.length > 0) query.set(name, values.join(','));
  }
  const covered = exportableTypes(live.record.scope);
  if (covered.length === 0)
    throw insufficientScope('an export needs system scopes that allow reading and searching');
  if (covered.includes('*')) return query;
  if (target.level !== 'system' && !covered.includes('Patient')) {
    throw insufficientScope('an export of patients needs system/Patient.rs');
  }
  const types = query.get('_type')?.split(',');
  const missing = types?.find((type) => !covered.includes(type));
  if (missing !== undefined)
    throw insufficientScope(`exporting ${missing} is not in the scope of this token`);
  if (types === undefined) query.set('_type', covered.join(','));
  return query;
}

/** Types that may be exported: system context, `r` and `s`, without constraints (the service's own rule). */
export function exportableTypes(scope: string): readonly string[] {
  return resourceScopes(parseScopeList(scope).scopes)
    .filter(
      (one) =>
        one.context === 'system' &&
        one.constraints.length === 0 &&
        one.letters.includes('r') &&
        one.letters.includes('s'),
    )
    .map((one) => one.type);
}

function pathOf(target: Export): string {
  if (target.level === 'group') return `Group/${target.group}/$export`;
  return target.level === 'patient' ? 'Patient/$export' : '$export';
}

/** One container a client (a GUID fits Azure's container names), so that no two clients' files lie together. */
function containerOf(clientId: string): string {
  return `export-${clientId.toLowerCase().replace(/[^a-z0-9]+/g, '-')}`.slice(0, 63);
}

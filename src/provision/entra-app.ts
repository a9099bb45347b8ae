import { failureOf } from '../azure/failure.ts';
import type { GraphObject } from '../azure/graph.ts';
import { changed, type FieldChange, type Found, type OutputValues } from './engine/resource.ts';
import type { Tools } from './tools.ts';

/** An app registration of ours with its service principal. */
export interface EntraApp {
  readonly id: string;
  readonly appId: string;
  readonly application: GraphObject;
  readonly servicePrincipalId: string | undefined;
}

/** What is wanted of an application: Graph's own shape; members that are not named are left alone. */
export interface AppContent {
  readonly displayName: string;
  readonly [member: string]: unknown;
}

const OUR_AUDIENCE = 'AzureADMyOrg';

/** The app of a resource, by its alternate key. */
export async function readApp(tools: Tools, resourceId: string): Promise<Found<EntraApp> | undefined> {
  const { graph, owner } = tools;
  const application = await graph.get(keyPath(owner.uniqueName(resourceId)));
  if (application === undefined) return undefined;
  const appId = String(application['appId']);
  const principal = await graph.get(`/servicePrincipals(appId='${appId}')`);
  const have = { id: application.id, appId, application, servicePrincipalId: principal?.id };
  const marks = Array.isArray(application['tags']) ? application['tags'] : [];
  return { have, ownership: marks.includes(owner.mark(resourceId)) ? 'ours' : 'foreign' };
}

/** Creates or changes the app and sees to its service principal. */
export async function ensureApp(
  tools: Tools,
  resourceId: string,
  content: AppContent,
  have: EntraApp | undefined,
): Promise<EntraApp> {
  const { graph, owner } = tools;
  const body = { ...content, signInAudience: OUR_AUDIENCE, tags: [owner.mark(resourceId)] };
  const application = have === undefined ? await createApp(tools, resourceId, body) : have.application;
  if (have !== undefined) await graph.patch(`/applications/${have.id}`, body);
  const appId = String(application['appId']);
  const servicePrincipalId = have?.servicePrincipalId ?? (await ensurePrincipal(tools, appId, resourceId));
  return { id: application.id, appId, application, servicePrincipalId };
}

/** Deletes the app and its service principal for good: soft-deleted ones would keep their names for 30 days. */
export async function deleteApp(
  { graph }: Tools,
  { id, appId, servicePrincipalId }: Pick<EntraApp, 'id' | 'appId'> & Partial<EntraApp>,
): Promise<void> {
  const principalId = servicePrincipalId ?? (await graph.get(`/servicePrincipals(appId='${appId}')`))?.id;
  await graph.delete(`/applications/${id}`);
  await graph.delete(`/directory/deletedItems/${id}`);
  if (principalId !== undefined) await graph.delete(`/directory/deletedItems/${principalId}`);
}

/** Differences of an application, member by member; collections are compared as sets of their JSON. */
export function appDiff(want: AppContent, have: EntraApp): readonly FieldChange[] {
  const changes = subsetDiff(want, have.application, '');
  return have.servicePrincipalId === undefined
    ? [...changes, ...changed('servicePrincipal', null, 'present')]
    : changes;
}

export function appOutputs({ id, appId, servicePrincipalId }: EntraApp): OutputValues {
  return { id, appId, servicePrincipalId };
}

function keyPath(uniqueName: string): string {
  return `/applications(uniqueName='${uniqueName}')`;
}

async function createApp(tools: Tools, resourceId: string, body: AppContent): Promise<GraphObject> {
  const { graph, owner } = tools;
  const path = keyPath(owner.uniqueName(resourceId));
  try {
    return (await graph.upsert(path, body)) ?? (await graph.getFresh(path));
  } catch (error) {
    const taken = failureOf(error)?.codes.includes('Request_MultipleObjectsWithSameKeyValue') === true;
    if (!taken || !(await purgeDeleted(tools, resourceId))) throw error;
    return (await graph.upsert(path, body)) ?? (await graph.getFresh(path));
  }
}

/** Removes soft-deleted apps that still hold our name; nobody else derives that name. */
async function purgeDeleted({ graph, owner }: Tools, resourceId: string): Promise<boolean> {
  const deleted = await graph.list('/directory/deletedItems/microsoft.graph.application');
  const ours = deleted.filter((item) => item['uniqueName'] === owner.uniqueName(resourceId));
  for (const item of ours) await graph.delete(`/directory/deletedItems/${item.id}`);
  return ours.length > 0;
}

async function ensurePrincipal({ graph, owner }: Tools, appId: string, resourceId: string): Promise<string> {
  const known = await graph.get(`/servicePrincipals(appId='${appId}')`);
  const principal =
    known ?? (await graph.post('/servicePrincipals', { appId, tags: [owner.mark(resourceId)] }));
  return principal.id;
}

function subsetDiff(want: unknown, have: unknown, path: string): readonly FieldChange[] {
  if (typeof want === 'object' && want !== null && !Array.isArray(want)) {
    return Object.entries(want).flatMap(([name, value]) => {
      const there =
        typeof have === 'object' && have !== null ? (have as Record<string, unknown>)[name] : undefined;
      return subsetDiff(value, there, path === '' ? name : `${path}.${name}`);
    });
  }
  if (Array.isArray(want)) return setDiff(want, Array.isArray(have) ? have : [], path);
  return changed(path, have, want);
}

/** Collections of the directory have no order. Of records only the wanted members count. */
function setDiff(want: readonly unknown[], have: readonly unknown[], path: string): readonly FieldChange[] {
  const missing = want.filter((item) => !have.some((other) => subsetDiff(item, other, '').length === 0));
  if (missing.length === 0 && want.length === have.length) return [];
  return [
    { field: path, from: `${have.length} items`, to: `${want.length} items, ${missing.length} of them new` },
  ];
}

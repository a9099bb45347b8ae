import { scaledClock } from '../../src/core/clock.ts';
import { SmartfhirError } from '../../src/core/errors.ts';
import { PUBLISHED_PACKAGE_BLOB } from '../../src/local/beliefs.ts';
import { issueManagedIdentityToken } from '../../src/local/entra/managed-identity-token.ts';
import { Resources } from '../../src/local/resources.ts';
import { planSession } from '../../src/provision/provision.ts';
import { openSession, type Session } from '../../src/provision/session.ts';
import { type ProvisionedStack, restoreStack } from './provisioned-stack.ts';
import { type SmokeFailure, smoke } from './smoke.ts';

/** What taking one resource away did. */
export interface Removal {
  readonly id: string;
  /** Why it had to be taken out of the stand-in's store; undefined when the cloud let it go. */
  readonly forced: string | undefined;
  /** What of the smoke set is refused now. */
  readonly refused: readonly SmokeFailure[];
  /** Ids that the plan would bring back or change. */
  readonly planned: readonly string[];
}

/** Waits for roles and operations shrink by this. */
const TIME_SCALE = 0.01;

/** A sound stack's copy, without exactly this resource: what notices? */
export async function remove(snapshot: string, id: string): Promise<Removal> {
  const restored = await restoreStack(snapshot);
  const stack = { ...restored, input: { ...restored.input, clock: scaledClock(TIME_SCALE) } };
  try {
    const session = await openSession(stack.input);
    const forced = await takeAway(stack, session, id);
    const refused = await smoke(stack);
    const { changes } = await planSession(await openSession(stack.input));
    return { id, forced, refused, planned: changes.map((change) => change.id) };
  } finally {
    await stack.close();
  }
}

/** Ids of every resource of the stack that the snapshot holds. */
export async function resourceIds(snapshot: string): Promise<readonly string[]> {
  const stack = await restoreStack(snapshot);
  try {
    const { stack: built } = await openSession(stack.input);
    return built.resources.map((resource) => resource.id);
  } finally {
    await stack.close();
  }
}

/** Takes exactly one resource away, behind the tool's back. @returns what Azure said against it, if it did */
export async function takeAway(
  stack: ProvisionedStack,
  session: Session,
  id: string,
): Promise<string | undefined> {
  const { outputs } = await planSession(session);
  const { azure } = stack.outputs;
  // What destroy leaves to its container, or to nobody, is taken away as a person would.
  if (id.startsWith('provider/')) {
    const namespace = id.slice('provider/'.length);
    await session.reader.arm.action(
      `/subscriptions/${azure.subscriptionId}/providers/${namespace}`,
      'unregister',
      '2021-04-01',
    );
    return undefined;
  }
  if (id === 'functions/package') return deletePackage(stack, outputs['storage/packages']?.['name'] ?? '');
  if (id === 'data/seed') return deleteGroup(stack, session);
  const resource = session.stack.resources.find((one) => one.id === id);
  if (resource === undefined) throw new Error(`the stack has no ${id}`);
  const want = resource.desired({ get: (from, field) => outputs[from]?.[field] ?? '' });
  const found = await resource.read(session.reader, want);
  if (found === undefined) throw new Error(`${id} is not there`);
  try {
    await resource.destroy(session.reader, found.have);
    return undefined;
  } catch (error) {
    const armId = outputs[id]?.['id'];
    if (!(error instanceof SmartfhirError) || armId === undefined) throw error;
    // Azure does not let go what others use, and neither does its stand-in: only losing it can show who needs it.
    if (!new Resources(stack.cloud.fabric.store).delete(armId)) throw error;
    return /: (\w+: .*)$/.exec(error.message)?.[1]?.replaceAll(/'?\/subscriptions\/\S+/g, '…') ?? error.code;
  }
}

/** As the app itself, the only one that may. */
async function deletePackage({ cloud, outputs }: ProvisionedStack, container: string): Promise<undefined> {
  const { fabric } = cloud;
  const { storageAccountId, functionAppId } = outputs.azure;
  const account = storageAccountId.slice(storageAccountId.lastIndexOf('/') + 1);
  const token = await issueManagedIdentityToken(fabric, functionAppId, 'https://storage.azure.com');
  const url = `https://${account}.blob.core.windows.net/${container}/${PUBLISHED_PACKAGE_BLOB}`;
  const headers = { authorization: `Bearer ${token.access_token}`, 'x-ms-version': '2023-11-03' };
  const answer = await cloud.fetch(new Request(url, { method: 'DELETE', headers }));
  if (answer.status !== 202) throw new Error(`the package was not deleted: ${answer.status}`);
  return undefined;
}

async function deleteGroup({ cloud, outputs }: ProvisionedStack, { reader }: Session): Promise<undefined> {
  const token = await reader.http.token(`${outputs.azure.fhirAudience}/.default`);
  const url = `${outputs.azure.fhirServiceUrl}/Group/${outputs.groups[0]?.id}`;
  const answer = await cloud.fetch(
    new Request(url, { method: 'DELETE', headers: { authorization: `Bearer ${token}` } }),
  );
  if (!answer.ok) throw new Error(`the group was not deleted: ${answer.status}`);
  return undefined;
}

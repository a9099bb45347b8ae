import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultLocalConfig } from '../../src/config/load.ts';
import { systemClock } from '../../src/core/clock.ts';
import { describeOwnStack, type OwnStack } from '../../src/environment/own-profile.ts';
import { seedData } from '../../src/environment/seed-resource.ts';
import { type Cloud, createCloud } from '../../src/local/cloud.ts';
import { inProcessTarget } from '../../src/local/laptop-target.ts';
import type { Wrap } from '../../src/local/router.ts';
import { applyStack } from '../../src/provision/provision.ts';
import type { ProvisionInput } from '../../src/provision/session.ts';

/** A provisioned, seeded laptop cloud in this process. */
export interface ProvisionedStack extends OwnStack {
  readonly cloud: Cloud;
  readonly input: ProvisionInput;
  close(): Promise<void>;
}

/** Milliseconds for provisioning or describing a stack on a busy machine. */
const BUDGET_MS = 120_000;

function inputFor(cloud: Cloud, stateFolder: string): ProvisionInput {
  return {
    config: defaultLocalConfig(),
    target: inProcessTarget(cloud),
    clock: systemClock,
    signal: AbortSignal.timeout(BUDGET_MS),
    stateFolder,
    additions: seedData,
  };
}

/** Provisions the default laptop stack and writes the cloud's whole state to a file. */
export async function provisionSnapshot(path: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'smartfhir-provision-'));
  const cloud = await createCloud({ storePath: join(folder, 'cloud.db') });
  try {
    const { result } = await applyStack(inputFor(cloud, folder));
    const [failure] = result?.errors.values() ?? [];
    if (failure !== undefined) throw failure;
    if (result?.complete !== true) throw new Error('the stack was not provisioned whole');
    cloud.snapshot(path);
  } finally {
    await cloud.close();
    await rm(folder, { recursive: true, force: true });
  }
}

/** A cloud of one's own, restored from the snapshot. */
export async function restoreStack(snapshot: string, wrap?: Wrap): Promise<ProvisionedStack> {
  const folder = await mkdtemp(join(tmpdir(), 'smartfhir-restored-'));
  const storePath = join(folder, 'cloud.db');
  await copyFile(snapshot, storePath);
  const cloud = await createCloud({ storePath, ...(wrap === undefined ? {} : { wrap }) });
  const input = inputFor(cloud, folder);
  const close = async (): Promise<void> => {
    await cloud.close();
    await rm(folder, { recursive: true, force: true });
  };
  try {
    return { ...(await describeOwnStack(input)), cloud, input, close };
  } catch (error) {
    await close();
    throw error;
  }
}

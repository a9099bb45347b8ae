import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LoadedConfig } from '../config/config.ts';
import type { CommandContext } from '../core/command.ts';
import { SmartfhirError } from '../core/errors.ts';
import type { FetchLike } from '../core/target.ts';
import { createCloud } from '../local/cloud.ts';
import { inProcessTarget, stackTarget } from '../local/laptop-target.ts';
import { startStack } from '../local/stack.ts';
import { stateFolder } from '../local/state-folder.ts';
import { applyStack } from '../provision/provision.ts';
import { networkFetch } from './azure-target.ts';
import { opened, type ResolvedEnvironment } from './resolve.ts';

/** A provisioned and seeded laptop stack that ends with the command. */
export interface EphemeralStack {
  readonly environment: ResolvedEnvironment;
  /** How clients reach it. */
  readonly fetch: FetchLike;
}

/**
 * Starts a laptop stack in a temporary folder, provisions and seeds it.
 *
 * @param sockets whether browsers and other processes must reach it; without, everything stays in this process
 * @throws SmartfhirError of the first resource that could not be made
 */
export function ephemeralStack(
  context: CommandContext,
  loaded: LoadedConfig,
  sockets: boolean,
): Promise<EphemeralStack> {
  return context.output.wait('no laptop stack is running here: starting one for this command', () =>
    startedStack(context, loaded, sockets),
  );
}

async function startedStack(
  context: CommandContext,
  loaded: LoadedConfig,
  sockets: boolean,
): Promise<EphemeralStack> {
  const folder = await mkdtemp(join(tmpdir(), 'smartfhir-stack-'));
  const undo: (() => Promise<unknown>)[] = [() => rm(folder, { recursive: true, force: true })];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const { target, fetch } = sockets ? await reachable(folder, undo) : await inProcess(folder, undo);
    const environment = opened(context, { ...loaded, folder }, target, close);
    const { result } = await applyStack(environment.provision);
    const [failure] = result?.errors.values() ?? [];
    if (failure !== undefined) throw failure;
    if (result?.complete !== true)
      throw new SmartfhirError('INTERNAL', 'the laptop stack was not provisioned');
    return { environment, fetch };
  } catch (error) {
    await close();
    throw error;
  }
}

type Opened = Pick<EphemeralStack, 'fetch'> & Pick<ResolvedEnvironment, 'target'>;

async function inProcess(folder: string, undo: (() => Promise<unknown>)[]): Promise<Opened> {
  const cloud = await createCloud({ storePath: ':memory:', folder: join(folder, 'cloud') });
  undo.push(() => cloud.close());
  return { target: inProcessTarget(cloud), fetch: cloud.fetch };
}

async function reachable(folder: string, undo: (() => Promise<unknown>)[]): Promise<Opened> {
  const stack = await startStack({ folder: stateFolder(folder) });
  undo.push(() => stack.close());
  const target = await stackTarget(stack.access);
  undo.push(() => target.close());
  return { target, fetch: networkFetch };
}

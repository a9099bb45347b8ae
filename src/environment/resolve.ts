import { join } from 'node:path';
import type { Config, LoadedConfig } from '../config/config.ts';
import { loadConfig } from '../config/load.ts';
import type { CommandContext } from '../core/command.ts';
import type { Target } from '../core/target.ts';
import { stackTarget } from '../local/laptop-target.ts';
import { requireStack } from '../local/stack.ts';
import { stateFolder } from '../local/state-folder.ts';
import type { ProvisionInput } from '../provision/session.ts';
import { azureTarget } from './azure-target.ts';
import { seedData } from './seed-resource.ts';

/** One environment of smartfhir.yaml with the cloud it is provisioned into. */
export interface ResolvedEnvironment {
  readonly name: string;
  readonly loaded: LoadedConfig;
  readonly config: Config;
  readonly target: Target;
  /** `.smartfhir` beside smartfhir.yaml. */
  readonly stateFolder: string;
  /** What the entry points of provisioning take. */
  readonly provision: ProvisionInput;
  close(): Promise<void>;
}

export function loadFor(context: CommandContext): Promise<LoadedConfig> {
  const { cwd, config, env } = context.flags;
  return loadConfig({ cwd, file: config, env });
}

/**
 * The environment that the flags name, its target opened.
 *
 * @throws SmartfhirError as `loadConfig` does; `LOCAL_NOT_RUNNING` when the laptop stack does not run
 */
export async function resolveEnvironment(context: CommandContext): Promise<ResolvedEnvironment> {
  const loaded = await loadFor(context);
  const { config } = loaded;
  if (config.target === 'embedded') {
    const target = await stackTarget(await requireStack(stateFolder(loaded.folder)));
    return opened(context, loaded, target, () => target.close());
  }
  return opened(context, loaded, await azureTarget(config, context.io.env), async () => undefined);
}

export function opened(
  context: Pick<CommandContext, 'io' | 'signal'>,
  loaded: LoadedConfig,
  target: Target,
  close: () => Promise<void>,
): ResolvedEnvironment {
  const folder = join(loaded.folder, '.smartfhir');
  return {
    name: loaded.config.env,
    loaded,
    config: loaded.config,
    target,
    stateFolder: folder,
    provision: {
      config: loaded.config,
      target,
      clock: context.io.clock,
      signal: context.signal,
      stateFolder: folder,
      additions: seedData,
    },
    close,
  };
}

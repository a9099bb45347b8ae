import type { Config, LoadedConfig } from '../config/config.ts';
import type { CommandContext } from '../core/command.ts';
import type { FetchLike } from '../core/target.ts';
import { stackStatus } from '../local/stack.ts';
import { stateFolder } from '../local/state-folder.ts';
import type { StackOutputs } from '../provision/outputs.ts';
import type { ServerProfile } from '../smart/server-profile.ts';
import { networkFetch } from './azure-target.ts';
import { ephemeralStack } from './ephemeral.ts';
import { foreignProfile, profileFromEnvironment } from './foreign-profile.ts';
import { describeOwnStack } from './own-profile.ts';
import { loadFor, resolveEnvironment } from './resolve.ts';

/** A SMART server to judge or to launch against. */
export interface ResolvedProfile {
  readonly profile: ServerProfile;
  readonly fetch: FetchLike;
  /** Only for stacks that smartfhir provisioned. */
  readonly outputs?: StackOutputs;
  /** Only where smartfhir.yaml was read. */
  readonly config?: Config;
  /** Folder of the smartfhir.yaml that was read. */
  readonly project?: string;
  close(): Promise<void>;
}

export interface ProfileNeeds {
  /** A browser or another process must reach the server: a stack of our own gets sockets. */
  readonly sockets?: boolean;
  /** Only a running stack will do: none is started for the command. */
  readonly running?: boolean;
}

/**
 * The server that a URL or the flags name.
 *
 * @throws SmartfhirError `NOT_PROVISIONED` for an empty stack, `LOCAL_NOT_RUNNING` where one must run, and what
 *   configuration and credentials throw
 */
export async function resolveProfile(
  context: CommandContext,
  url?: string,
  needs: ProfileNeeds = {},
): Promise<ResolvedProfile> {
  const nothing = async (): Promise<void> => undefined;
  if (url !== undefined) {
    const sources = { env: context.io.env, folder: context.flags.cwd };
    return { profile: await profileFromEnvironment(url, sources), fetch: networkFetch, close: nothing };
  }
  const loaded = await loadFor(context);
  const { config } = loaded;
  if (config.server !== undefined) {
    const profile = await foreignProfile(config.server, { env: context.io.env, folder: loaded.folder });
    return { profile, fetch: networkFetch, config, ...projectOf(loaded), close: nothing };
  }
  const mayStart = config.target === 'embedded' && needs.running !== true;
  if (mayStart && !(await stackStatus(stateFolder(loaded.folder))).running) {
    const { environment, fetch } = await ephemeralStack(context, loaded, needs.sockets === true);
    return { ...(await own(environment, fetch)), ...projectOf(loaded) };
  }
  return { ...(await own(await resolveEnvironment(context), networkFetch)), ...projectOf(loaded) };
}

function projectOf({ file, folder }: LoadedConfig): Pick<ResolvedProfile, 'project'> {
  return file === undefined ? {} : { project: folder };
}

async function own(
  environment: Awaited<ReturnType<typeof resolveEnvironment>>,
  fetch: FetchLike,
): Promise<ResolvedProfile> {
  try {
    const { profile, outputs } = await describeOwnStack(environment.provision);
    return { profile, outputs, fetch, config: environment.config, close: () => environment.close() };
  } catch (error) {
    await environment.close();
    throw error;
  }
}

import { dirname } from 'node:path';
import { findConfigFile } from '../config/load.ts';
import type { GlobalFlags } from '../core/command.ts';
import { type StateFolder, stateFolder } from '../local/state-folder.ts';

/** The laptop stack's folder: beside the smartfhir.yaml in use, else in the working directory. */
export async function projectStateFolder(flags: Pick<GlobalFlags, 'cwd' | 'config'>): Promise<StateFolder> {
  return stateFolder(await projectFolder(flags));
}

/** The folder of the smartfhir.yaml in use, else the working directory. */
export async function projectFolder(flags: Pick<GlobalFlags, 'cwd' | 'config'>): Promise<string> {
  const found = await findConfigFile({
    cwd: flags.cwd,
    ...(flags.config === undefined ? {} : { file: flags.config }),
  });
  return found === undefined ? flags.cwd : dirname(found.path);
}

import type { CommandDefinition } from '../core/command.ts';
import { apply } from './apply.ts';
import { checksList } from './checks-list.ts';
import { checksShow } from './checks-show.ts';
import { clientList } from './client-list.ts';
import { clientShow } from './client-show.ts';
import { configSchema } from './config-schema.ts';
import { configValidate } from './config-validate.ts';
import { dataLoad } from './data-load.ts';
import { dataSeed } from './data-seed.ts';
import { destroy } from './destroy.ts';
import { doctor } from './doctor.ts';
import { explain } from './explain.ts';
import { infernoPreset } from './inferno-preset.ts';
import { init } from './init.ts';
import { launchBackend } from './launch-backend.ts';
import { launchEhr } from './launch-ehr.ts';
import { launchStandalone } from './launch-standalone.ts';
import { localDown } from './local-down.ts';
import { localExec } from './local-exec.ts';
import { localLogs } from './local-logs.ts';
import { localReset } from './local-reset.ts';
import { localStatus } from './local-status.ts';
import { localUp } from './local-up.ts';
import { outputs } from './outputs.ts';
import { plan } from './plan.ts';
import { version } from './version.ts';

/** Every command, in the order of `--help`. */
export const commands: readonly CommandDefinition[] = [
  init,
  plan,
  apply,
  destroy,
  outputs,
  doctor,
  explain,
  checksList,
  checksShow,
  launchStandalone,
  launchEhr,
  launchBackend,
  localUp,
  localStatus,
  localExec,
  localLogs,
  localReset,
  localDown,
  clientList,
  clientShow,
  dataSeed,
  dataLoad,
  infernoPreset,
  configSchema,
  configValidate,
  version,
];

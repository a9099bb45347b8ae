import { defineCommand } from '../core/command.ts';
import { SmartfhirError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';

export const configValidate = defineCommand({
  path: ['config', 'validate'],
  summary: 'check smartfhir.yaml, every environment of it',
  effects: { network: [], writes: [] },
  examples: ['smartfhir config validate -c smartfhir.yaml'],
  async run(_input, context) {
    const { relative } = await import('node:path');
    const { checkAllEnvironments, findConfigFile } = await import('../config/load.ts');
    const { cwd, config } = context.flags;
    const found = await findConfigFile({ cwd, file: config });
    if (found === undefined)
      throw new SmartfhirError('CONFIG_NOT_FOUND', `no smartfhir.yaml in ${cwd} or above`);
    const shown = relative(cwd, found.path);
    const environments = checkAllEnvironments(found.text, shown.startsWith('..') ? found.path : shown);
    context.output.result(
      { valid: true, file: found.path, environments },
      () => `${shown} is valid; environments: ${environments.join(', ')}`,
    );
    return ExitCode.ok;
  },
});

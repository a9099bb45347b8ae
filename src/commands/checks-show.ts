import { defineCommand } from '../core/command.ts';
import { ExitCode } from '../core/exit-codes.ts';

export const checksShow = defineCommand({
  path: ['checks', 'show'],
  summary: 'one check: what it demands, from which clause, and what it needs',
  arguments: [{ name: '<id>', summary: 'id of a check, such as discovery/pkce-s256' }],
  effects: { network: [], writes: [] },
  examples: ['smartfhir checks show token/code-single-use'],
  async run(input, { output }) {
    const { checks } = await import('../checks/index.ts');
    const { describeCheck, findCheck, renderCheck } = await import('../checks/describe.ts');
    const described = describeCheck(findCheck(checks, input.args[0] ?? ''));
    output.result({ schema: 'smartfhir/check/v1', ...described }, () => renderCheck(described));
    return ExitCode.ok;
  },
});

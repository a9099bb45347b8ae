import { defineCommand, listOption } from '../core/command.ts';
import { ExitCode } from '../core/exit-codes.ts';
import { wrap } from '../core/wrap.ts';

export const checksList = defineCommand({
  path: ['checks', 'list'],
  summary: 'every check of doctor, group by group',
  options: { only: { flags: '--only <pattern...>', summary: 'these checks or groups' } },
  effects: { network: [], writes: [] },
  examples: ['smartfhir checks list --only token', 'smartfhir checks list -o json'],
  async run(input, { output }) {
    const { checks } = await import('../checks/index.ts');
    const { selectChecks } = await import('../checks/select.ts');
    const { describeCheck } = await import('../checks/describe.ts');
    const list = selectChecks(checks, { only: listOption(input, 'only'), skip: [] }).map(describeCheck);
    output.result({ schema: 'smartfhir/checks/v1', checks: list }, () => {
      const wide = Math.max(...list.map((check) => check.id.length));
      const lines = list.map(({ id, severity, title }) =>
        wrap(`${id.padEnd(wide)}  ${severity.padEnd(5)}  ${title}`, output.width, wide + 9),
      );
      return [...lines, '', `${list.length} checks`].join('\n');
    });
    return ExitCode.ok;
  },
});

import { defineCommand, textOption } from '../core/command.ts';
import { SmartfhirError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';

const DEFAULT_TAIL = '200';

export const localLogs = defineCommand({
  path: ['local', 'logs'],
  summary: 'what the laptop cloud was asked and what it had to say, newest last',
  options: {
    tail: { flags: '--tail <n>', summary: 'this many of the last lines', default: DEFAULT_TAIL },
  },
  effects: { network: [], writes: [] },
  async run(input, context) {
    const { readFile } = await import('node:fs/promises');
    const { projectStateFolder } = await import('../environment/state-folder.ts');
    const { parseLogLine, renderLogLine } = await import('../local/log-lines.ts');
    const tail = Number(textOption(input, 'tail') ?? DEFAULT_TAIL);
    if (!Number.isInteger(tail) || tail < 1)
      throw new SmartfhirError('USAGE', '--tail is not a positive number');
    const folder = await projectStateFolder(context.flags);
    const text = await readFile(folder.log, 'utf8').catch(() => '');
    const lines = text
      .trimEnd()
      .split('\n')
      .slice(-tail)
      .filter((line) => line !== '')
      .map(parseLogLine);
    context.output.result({ lines }, () => lines.map(renderLogLine).join('\n'));
    return ExitCode.ok;
  },
});

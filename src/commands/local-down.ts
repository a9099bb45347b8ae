import { defineCommand } from '../core/command.ts';
import { ExitCode } from '../core/exit-codes.ts';

export const localDown = defineCommand({
  path: ['local', 'down'],
  summary: 'stop the laptop cloud; what it holds stays for the next start',
  effects: { network: [], writes: [] },
  async run(_input, context) {
    const { projectStateFolder } = await import('../environment/state-folder.ts');
    const { stopStack } = await import('../local/stack.ts');
    const stopped = await stopStack(await projectStateFolder(context.flags), context.io.clock);
    context.output.result({ running: false, stopped }, () =>
      stopped ? 'the laptop cloud is stopped' : 'the laptop cloud was not running',
    );
    return ExitCode.ok;
  },
});

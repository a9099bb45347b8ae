import { defineCommand } from '../core/command.ts';
import { ExitCode } from '../core/exit-codes.ts';

export const localReset = defineCommand({
  path: ['local', 'reset'],
  summary: 'stop the laptop cloud and forget everything it holds, chosen ports included',
  effects: { network: [], writes: ['.smartfhir/local (removed)'] },
  async run(_input, context) {
    const { projectStateFolder } = await import('../environment/state-folder.ts');
    const { resetStack } = await import('../local/stack.ts');
    const folder = await projectStateFolder(context.flags);
    await resetStack(folder, context.io.clock);
    context.output.result({ running: false, removed: folder.path }, () => `removed ${folder.path}`);
    return ExitCode.ok;
  },
});

import { defineCommand } from '../core/command.ts';
import { ExitCode } from '../core/exit-codes.ts';

export const localStatus = defineCommand({
  path: ['local', 'status'],
  summary: 'is the laptop cloud running, and where does it answer?',
  effects: { network: ['loopback only'], writes: [] },
  examples: ['smartfhir local status -o json'],
  async run(_input, context) {
    const { projectStateFolder } = await import('../environment/state-folder.ts');
    const { stackStatus } = await import('../local/stack.ts');
    const { describeStack, renderStack } = await import('../environment/stack-description.ts');
    const document = await describeStack(
      await stackStatus(await projectStateFolder(context.flags)),
      context.flags,
    );
    context.output.result(document, () => renderStack(document));
    return ExitCode.ok;
  },
});

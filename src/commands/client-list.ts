import { defineCommand } from '../core/command.ts';
import { ExitCode } from '../core/exit-codes.ts';

export const clientList = defineCommand({
  path: ['client', 'list'],
  summary: 'list the registered SMART apps of an environment',
  effects: { network: ['Azure Resource Manager and Microsoft Graph, reading'], writes: [] },
  examples: ['smartfhir client list --local'],
  async run(_input, context) {
    const { withOutputs } = await import('../environment/provisioned.ts');
    const { clients } = await withOutputs(context, (found) => found);
    context.output.result({ clients }, () =>
      clients
        .map(
          ({ name, clientId, auth, launch }) =>
            `${name.padEnd(22)} ${clientId}  ${auth.padEnd(15)} ${launch}`,
        )
        .join('\n'),
    );
    return ExitCode.ok;
  },
});

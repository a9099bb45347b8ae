import type { CommandContext } from '../core/command.ts';
import { defineCommand, textOption } from '../core/command.ts';
import { SmartfhirError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { DestroyItem } from '../provision/engine/destroy.ts';

export const destroy = defineCommand({
  path: ['destroy'],
  summary: 'remove what smartfhir made in an environment; adopted things are only let go',
  options: {
    confirm: { flags: '--confirm <env>', summary: 'name of the environment, typed out' },
  },
  effects: {
    network: ['Azure Resource Manager, Microsoft Graph and Key Vault'],
    writes: ['deletes every resource with this environment’s mark', '.smartfhir/journal'],
  },
  examples: ['smartfhir destroy -e dev --confirm dev'],
  async run(input, context) {
    const { resolveEnvironment } = await import('../environment/resolve.ts');
    const { destroyStack } = await import('../provision/provision.ts');
    const { destroyDocument } = await import('../provision/plan-document.ts');
    const { progressReporter } = await import('../provision/plan-text.ts');
    const environment = await resolveEnvironment(context);
    try {
      const { name } = environment;
      const { clock } = context.io;
      const { items, result, retained } = await destroyStack({
        ...environment.provision,
        approve: (found) => approve(context, name, found, textOption(input, 'confirm')),
        onEvent: progressReporter(
          (line) => context.output.progress(line),
          () => clock.now(),
        ),
      });
      if (context.signal.aborted) throw context.signal.reason;
      const document = destroyDocument(name, items, result, retained);
      const left = document.changes.filter((change) => change.status !== 'done').length;
      context.output.result(document, () =>
        [
          summary(name, items.length, result === undefined, left),
          ...document.notes.map((note) => `  note  ${note}`),
        ].join('\n'),
      );
      if (result === undefined || result.complete) return ExitCode.ok;
      const [first] = result.errors.values();
      return left < items.length ? ExitCode.partlyDone : (first?.exitCode ?? ExitCode.internal);
    } finally {
      await environment.close();
    }
  },
});

function summary(env: string, found: number, untouched: boolean, left: number): string {
  if (found === 0) return `${env}: nothing of this environment exists`;
  if (untouched) return 'nothing was removed';
  return left === 0
    ? `${env}: ${found} removed`
    : `${env}: ${found - left} removed, ${left} left; run destroy again`;
}

async function approve(
  context: CommandContext,
  env: string,
  items: readonly DestroyItem[],
  confirmed: string | undefined,
): Promise<boolean> {
  const { destroyDocument } = await import('../provision/plan-document.ts');
  const { renderPlan } = await import('../provision/plan-text.ts');
  const labels = new Map(items.map((item) => [item.id, item.label]));
  if (!(confirmed === env && context.output.quiet)) {
    context.output.line(renderPlan(destroyDocument(env, items), labels, context.output));
    context.output.line();
  }
  if (confirmed === env) return true;
  if (confirmed !== undefined) {
    throw new SmartfhirError('USAGE', `--confirm "${confirmed}" is not the environment, which is "${env}"`, {
      why: 'the typed name protects other environments',
      fix: 'name the environment with -e, and the same name with --confirm',
      command: `smartfhir destroy -e ${env} --confirm ${env}`,
    });
  }
  if (!context.flags.mayAsk) {
    throw new SmartfhirError('MISSING_INPUT', 'destroy needs the name of the environment, typed out', {
      fix: `pass --confirm ${env}`,
      command: `smartfhir destroy -e ${env} --confirm ${env}`,
    });
  }
  const { askText } = await import('../environment/ask.ts');
  return (await askText(`Type "${env}" to remove ${items.length} things`, context)) === env;
}

import type { CommandContext } from '../core/command.ts';
import { defineCommand } from '../core/command.ts';
import { SmartfhirError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { SavedPlan } from '../provision/plan-document.ts';
import type { ApplyOutcome } from '../provision/provision.ts';

export const apply = defineCommand({
  path: ['apply'],
  summary: 'make the environment as smartfhir.yaml says; a run that was cut short is resumed',
  arguments: [{ name: '[plan]', summary: 'a file that `plan --out` wrote: apply exactly this' }],
  effects: {
    network: ['Azure Resource Manager, Microsoft Graph, Key Vault, the Function app’s deployment endpoint'],
    writes: ['every resource that plan lists', '.smartfhir/journal', '.smartfhir/locks'],
  },
  examples: ['smartfhir apply --local --yes', 'smartfhir apply dev.plan'],
  async run({ args: [file] }, context) {
    const saved = file === undefined ? undefined : await readPlan(context, file);
    const { resolveEnvironment } = await import('../environment/resolve.ts');
    const { applyStack } = await import('../provision/provision.ts');
    const { progressReporter } = await import('../provision/plan-text.ts');
    const flags = saved === undefined ? context.flags : { ...context.flags, env: saved.env };
    const environment = await resolveEnvironment({ ...context, flags });
    try {
      const { name } = environment;
      const { clock } = context.io;
      const outcome = await applyStack({
        ...environment.provision,
        ...(saved === undefined ? {} : { expected: saved.fingerprint }),
        approve: (plan) => approve(context, name, plan, saved !== undefined),
        onEvent: progressReporter(
          (line) => context.output.progress(line),
          () => clock.now(),
        ),
      });
      return await report(context, name, outcome);
    } finally {
      await environment.close();
    }
  },
});

async function readPlan(context: CommandContext, file: string): Promise<SavedPlan> {
  const { resolve } = await import('node:path');
  const { readFile } = await import('node:fs/promises');
  const { PLAN_SCHEMA } = await import('../provision/plan-document.ts');
  const wrong = (cause?: unknown): SmartfhirError =>
    new SmartfhirError('USAGE', `${file} is not a saved plan`, {
      fix: 'write one with `smartfhir plan --out FILE`',
      cause,
    });
  try {
    const text = await readFile(resolve(context.flags.cwd, file), 'utf8');
    const saved = JSON.parse(text) as Partial<SavedPlan>;
    if (
      saved.schema !== PLAN_SCHEMA ||
      typeof saved.fingerprint !== 'string' ||
      typeof saved.env !== 'string'
    ) {
      throw wrong();
    }
    return saved as SavedPlan;
  } catch (error) {
    throw error instanceof SmartfhirError ? error : wrong(error);
  }
}

async function approve(
  context: CommandContext,
  env: string,
  plan: ApplyOutcome['plan'],
  wasSaved: boolean,
): Promise<boolean> {
  const { planDocument } = await import('../provision/plan-document.ts');
  const { renderPlan } = await import('../provision/plan-text.ts');
  const document = planDocument(env, plan);
  const labels = new Map(plan.changes.map((change) => [change.id, change.label]));
  const approved = context.flags.yes || wasSaved;
  if (!(approved && context.output.quiet)) {
    context.output.line(renderPlan(document, labels, context.output));
    context.output.line();
  }
  if (approved) return true;
  if (!context.flags.mayAsk) {
    throw new SmartfhirError('MISSING_INPUT', 'apply needs an approval', {
      fix: 'look at the plan, then pass --yes; or save it with `plan --out FILE` and apply the file',
      command: `smartfhir apply -e ${env} --yes`,
    });
  }
  const { askConfirmation } = await import('../environment/ask.ts');
  return askConfirmation(`Apply ${plan.changes.length} changes to ${env}?`, context);
}

async function report(
  context: CommandContext,
  env: string,
  { plan, result }: ApplyOutcome,
): Promise<ExitCode> {
  const { applyDocument, planDocument } = await import('../provision/plan-document.ts');
  if (result === undefined) {
    const document = planDocument(env, plan);
    const text =
      plan.changes.length === 0
        ? `${env}: no changes; ${plan.unchanged.length} resources are as they should be`
        : 'nothing was changed';
    context.output.result(document, () => text);
    return ExitCode.ok;
  }
  const document = applyDocument(env, plan, result);
  const done = document.changes.filter((change) => change.status === 'done').length;
  const open = document.changes.length - done;
  if (context.signal.aborted) {
    context.output.notice(`stopped: ${done} done, ${open} open; the next apply resumes`);
    throw context.signal.reason;
  }
  context.output.result(document, () =>
    result.complete
      ? `${env}: ${changes(done)} applied${context.output.quiet ? '' : nextStep(env)}`
      : `${env}: ${changes(done)} applied, ${open} not; apply again to resume`,
  );
  if (result.complete) return ExitCode.ok;
  const [first] = result.errors.values();
  return done > 0 ? ExitCode.partlyDone : (first?.exitCode ?? ExitCode.internal);
}

function nextStep(env: string): string {
  return `\n  next  smartfhir doctor ${env === 'local' ? '--local' : `-e ${env}`}`;
}

function changes(count: number): string {
  return count === 1 ? '1 change' : `${count} changes`;
}

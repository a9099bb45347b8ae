import { defineCommand, flagOption, textOption } from '../core/command.ts';
import { ExitCode } from '../core/exit-codes.ts';

export const plan = defineCommand({
  path: ['plan'],
  summary: 'show what apply would change; changes nothing',
  options: {
    out: { flags: '--out <file>', summary: 'save the plan, to apply exactly this' },
    detailedExitcode: { flags: '--detailed-exitcode', summary: 'exit 6 when there are changes' },
  },
  effects: {
    network: ['Azure Resource Manager, Microsoft Graph and Key Vault, reading'],
    writes: ['the plan file of --out'],
  },
  examples: ['smartfhir plan -e dev', 'smartfhir plan -e dev --out dev.plan && smartfhir apply dev.plan'],
  async run(input, context) {
    const { resolveEnvironment } = await import('../environment/resolve.ts');
    const { planStack } = await import('../provision/provision.ts');
    const { planDocument } = await import('../provision/plan-document.ts');
    const { renderPlan } = await import('../provision/plan-text.ts');
    const environment = await resolveEnvironment(context);
    try {
      const made = await planStack(environment.provision);
      const document = planDocument(environment.name, made);
      const out = textOption(input, 'out');
      if (out !== undefined) {
        const { resolve } = await import('node:path');
        const { writeFileAtomic } = await import('../core/files.ts');
        const saved = { ...document, fingerprint: made.fingerprint };
        await writeFileAtomic(resolve(context.flags.cwd, out), `${JSON.stringify(saved, null, 2)}\n`);
        context.output.progress(`saved ${out}; apply it with: smartfhir apply ${out}`);
      }
      const labels = new Map(made.changes.map((change) => [change.id, change.label]));
      context.output.result(document, () => renderPlan(document, labels, context.output));
      const changes = made.changes.length > 0 && flagOption(input, 'detailedExitcode');
      return changes ? ExitCode.changes : ExitCode.ok;
    } finally {
      await environment.close();
    }
  },
});

import { defineCommand, textOption } from '../core/command.ts';
import { SmartfhirError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';

export const infernoPreset = defineCommand({
  path: ['inferno', 'preset'],
  summary: "write Inferno's preset for the (g)(10) suite, filled from the provisioned stack",
  options: {
    file: { flags: '-f, --file <file>', summary: 'write it here (0600) instead of to stdout' },
  },
  effects: {
    network: ['Key Vault and FHIR service of the environment'],
    writes: ['the preset file; it holds client secrets, for that is what Inferno needs'],
  },
  examples: ['smartfhir inferno preset --local -f preset.json'],
  async run(input, context) {
    const { resolveProfile } = await import('../environment/profile.ts');
    const { infernoPreset: make } = await import('../smart/inferno-preset.ts');
    const resolved = await resolveProfile(context, undefined, { running: true });
    try {
      const { profile, outputs } = resolved;
      if (outputs === undefined) {
        throw new SmartfhirError('NOT_SUPPORTED', 'a preset is made for stacks that smartfhir provisioned', {
          fix: 'name such an environment with -e, or fill the preset by hand',
        });
      }
      const text = `${JSON.stringify(make(profile, outputs), null, 2)}\n`;
      const file = textOption(input, 'file');
      if (file === undefined) {
        context.io.stdout.write(text);
        return ExitCode.ok;
      }
      const { resolve } = await import('node:path');
      const { writeFileAtomic } = await import('../core/files.ts');
      await writeFileAtomic(resolve(context.flags.cwd, file), text);
      context.output.notice(`wrote ${file}; it holds client secrets, keep it private`);
      return ExitCode.ok;
    } finally {
      await resolved.close();
    }
  },
});

import { defineCommand, textOption } from '../core/command.ts';
import { ExitCode } from '../core/exit-codes.ts';

export const dataSeed = defineCommand({
  path: ['data', 'seed'],
  summary: 'generate synthetic US Core patients and load them, or write them to a file',
  options: { out: { flags: '--out <file>', summary: 'write NDJSON here and load nothing' } },
  effects: {
    network: ['FHIR service of the environment'],
    writes: ['synthetic resources with fixed ids; with --out only the file'],
  },
  examples: ['smartfhir data seed --local', 'smartfhir data seed --out seed.ndjson'],
  async run(input, context) {
    const { markedSeed } = await import('../data/seed/marked-seed.ts');
    const { resources: seed } = markedSeed();
    const out = textOption(input, 'out');
    if (out !== undefined) {
      const { resolve } = await import('node:path');
      const { writeFileAtomic } = await import('../core/files.ts');
      await writeFileAtomic(
        resolve(context.flags.cwd, out),
        seed.map((item) => `${JSON.stringify(item)}\n`).join(''),
        0o644,
      );
      context.output.result(
        { file: out, resources: seed.length },
        () => `wrote ${seed.length} resources to ${out}`,
      );
      return ExitCode.ok;
    }
    const { loadInto } = await import('../environment/load-data.ts');
    const loaded = await loadInto(context, seed);
    context.output.result(
      { resources: seed.length, ...loaded },
      () => `loaded ${seed.length} resources: ${loaded.created} created, ${loaded.updated} updated`,
    );
    return ExitCode.ok;
  },
});

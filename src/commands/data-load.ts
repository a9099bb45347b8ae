import { defineCommand } from '../core/command.ts';
import { messageOf, SmartfhirError } from '../core/errors.ts';
import { ExitCode } from '../core/exit-codes.ts';

export const dataLoad = defineCommand({
  path: ['data', 'load'],
  summary: 'load the resources of an NDJSON file or a Bundle into the FHIR service',
  arguments: [{ name: '<file>', summary: '.ndjson, or .json with one resource or a Bundle' }],
  effects: {
    network: ['FHIR service of the environment'],
    writes: ['every resource of the file, by update of its id'],
  },
  examples: ['smartfhir data load patients.ndjson --local'],
  async run({ args: [file = ''] }, context) {
    const { resolve } = await import('node:path');
    const { readFile } = await import('node:fs/promises');
    const { parseResources } = await import('../data/parse.ts');
    const text = await readFile(resolve(context.flags.cwd, file), 'utf8').catch((cause: unknown) => {
      throw new SmartfhirError('USAGE', `cannot read ${file}`, {
        cause,
        why: messageOf(cause),
        fix: 'name a file that exists',
        command: 'smartfhir data load --help',
      });
    });
    const { loadInto } = await import('../environment/load-data.ts');
    const resources = parseResources(text, file);
    const loaded = await loadInto(context, resources);
    context.output.result(
      { resources: resources.length, ...loaded },
      () => `loaded ${resources.length} resources: ${loaded.created} created, ${loaded.updated} updated`,
    );
    return ExitCode.ok;
  },
});

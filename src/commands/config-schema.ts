import { defineCommand } from '../core/command.ts';
import { ExitCode } from '../core/exit-codes.ts';

export const configSchema = defineCommand({
  path: ['config', 'schema'],
  summary: 'print the JSON Schema of smartfhir.yaml, for editors',
  effects: { network: [], writes: [] },
  async run(_input, context) {
    const { configJsonSchema } = await import('../config/json-schema.ts');
    const schema = configJsonSchema();
    context.output.result(schema, () => JSON.stringify(schema, null, 2));
    return ExitCode.ok;
  },
});

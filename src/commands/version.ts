import { defineCommand } from '../core/command.ts';
import { ExitCode } from '../core/exit-codes.ts';

export const version = defineCommand({
  path: ['version'],
  summary: 'print the version of smartfhir and of Node.js',
  effects: { network: [], writes: [] },
  async run(_input, { output, version: tool }) {
    const document = { smartfhir: tool, node: process.versions.node };
    output.result(document, () => `smartfhir ${tool} (Node.js ${process.versions.node})`);
    return ExitCode.ok;
  },
});

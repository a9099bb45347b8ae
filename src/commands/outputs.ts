import { defineCommand } from '../core/command.ts';
import { ExitCode } from '../core/exit-codes.ts';
import type { StackOutputs } from '../provision/outputs.ts';

export const outputs = defineCommand({
  path: ['outputs'],
  summary: 'print URLs, clients and ids of a provisioned environment; no secrets',
  effects: { network: ['Azure Resource Manager, Microsoft Graph, the FHIR service; reading'], writes: [] },
  examples: ['smartfhir outputs --local -o json'],
  async run(_input, context) {
    const { withOutputs } = await import('../environment/provisioned.ts');
    const document = await withOutputs(context, (found) => found);
    context.output.result(document, () => render(document));
    return ExitCode.ok;
  },
});

function render(document: StackOutputs): string {
  const { clients, users, patients, groups, azure: _azure, ...urls } = document;
  return [
    ...Object.entries(urls).map(([name, url]) => `${name.padEnd(14)} ${String(url)}`),
    ...list('clients', clients, ({ name, clientId, auth }) => [name, `${clientId}  ${auth}`]),
    ...list('users', users, ({ name, username }) => [name, username]),
    ...list('patients', patients, ({ id, name }) => [id, name]),
    ...list('groups', groups, ({ id, name }) => [id, name]),
  ].join('\n');
}

function list<T>(
  title: string,
  items: readonly T[],
  row: (item: T) => readonly [string, string],
): readonly string[] {
  const rows = items.map(row);
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.length === 0
    ? []
    : ['', title, ...rows.map(([name, text]) => `  ${name.padEnd(width)}  ${text}`)];
}

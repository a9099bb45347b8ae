import { stringify } from 'yaml';

/** The answers from which `init` writes a smartfhir.yaml. */
export interface StarterAnswers {
  readonly name: string;
  /** Undefined: only the laptop. */
  readonly azure:
    | {
        readonly env: string;
        readonly location: string;
        readonly tenant: string | undefined;
        readonly subscription: string | undefined;
        readonly publisherEmail: string;
        readonly adopt: string | undefined;
      }
    | undefined;
}

const HEADER = '# yaml-language-server: $schema=./node_modules/smartfhir/schema/smartfhir.schema.json\n';

/** An answer as a YAML scalar: quoted where it would be read as something else. */
function scalar(text: string): string {
  return stringify(text, { lineWidth: 0 }).trimEnd();
}

/** The text of a new smartfhir.yaml. */
export function starterFile(answers: StarterAnswers): string {
  const { azure } = answers;
  const lines = [
    `${HEADER}# All keys: smartfhir config schema`,
    'version: 1',
    `name: ${scalar(answers.name)}`,
    'profile: g10-us6',
  ];
  if (azure !== undefined) {
    lines.push('', 'azure:');
    if (azure.tenant !== undefined) lines.push(`  tenant: ${scalar(azure.tenant)}`);
    if (azure.subscription !== undefined) lines.push(`  subscription: ${scalar(azure.subscription)}`);
    const group = scalar(`rg-${answers.name}-{env}`);
    lines.push(`  location: ${scalar(azure.location)}`, `  resourceGroup: ${group}`);
    lines.push('', 'gateway:', '  sku: Consumption', `  publisherName: ${scalar(answers.name)}`);
    lines.push(`  publisherEmail: ${scalar(azure.publisherEmail)}`);
    if (azure.adopt !== undefined) lines.push('', 'fhir:', `  adopt: ${scalar(azure.adopt)}`);
  }
  lines.push('', '# Real patients: phi. Made-up data only: synthetic.', 'data:');
  lines.push(`  classification: ${azure === undefined ? 'synthetic' : 'phi'}`, '', 'environments:');
  if (azure !== undefined) lines.push(`  ${scalar(azure.env)}: {}`);
  lines.push('  local:', '    target: embedded', '    data: { classification: synthetic, seed: demo }', '');
  return lines.join('\n');
}

/** Name of a stack whose user was not asked for one. */
export const DEFAULT_STACK_NAME = 'smart-demo';

/** What `init --local --no-input` writes. */
export function localStarterFile(): string {
  return starterFile({ name: DEFAULT_STACK_NAME, azure: undefined });
}

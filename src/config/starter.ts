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

/** The text of a new smartfhir.yaml. */
export function starterFile(answers: StarterAnswers): string {
  const { azure } = answers;
  const lines = [
    `${HEADER}# All keys: smartfhir config schema`,
    'version: 1',
    `name: ${answers.name}`,
    'profile: g10-us6',
  ];
  if (azure !== undefined) {
    lines.push('', 'azure:');
    if (azure.tenant !== undefined) lines.push(`  tenant: ${azure.tenant}`);
    if (azure.subscription !== undefined) lines.push(`  subscription: ${azure.subscription}`);
    lines.push(`  location: ${azure.location}`, `  resourceGroup: rg-${answers.name}-{env}`);
    lines.push('', 'gateway:', '  sku: Consumption', `  publisherName: ${answers.name}`);
    lines.push(`  publisherEmail: ${azure.publisherEmail}`);
    if (azure.adopt !== undefined) lines.push('', 'fhir:', `  adopt: ${azure.adopt}`);
  }
  lines.push('', '# Real patients: phi. Made-up data only: synthetic.', 'data:');
  lines.push(`  classification: ${azure === undefined ? 'synthetic' : 'phi'}`, '', 'environments:');
  if (azure !== undefined) lines.push(`  ${azure.env}: {}`);
  lines.push('  local:', '    target: embedded', '    data: { classification: synthetic, seed: demo }', '');
  return lines.join('\n');
}

/** Name of a stack whose user was not asked for one. */
export const DEFAULT_STACK_NAME = 'smart-demo';

/** What `init --local --no-input` writes. */
export function localStarterFile(): string {
  return starterFile({ name: DEFAULT_STACK_NAME, azure: undefined });
}

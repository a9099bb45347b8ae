/**
 * Compiles the published type tables of Azure (bicep-types-az, MIT) into the compact tables below
 * `src/local/schemas`, against which the ARM stand-in checks request bodies.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inputsFolder } from './tables/inputs.ts';

/** File of the type table → the resource types that are imitated. */
const SELECTION: Readonly<Record<string, readonly string[]>> = {
  'microsoft.healthcareapis__2024-03-31': ['workspaces', 'workspaces/fhirservices'],
  'microsoft.keyvault__2026-02-01': ['vaults'],
  'microsoft.storage__2026-04-01': [
    'storageAccounts',
    'storageAccounts/blobServices',
    'storageAccounts/blobServices/containers',
    'storageAccounts/tableServices',
    'storageAccounts/tableServices/tables',
  ],
  'microsoft.authorization__2022-04-01': ['roleAssignments'],
  'microsoft.web__2025-03-01': ['serverfarms', 'sites', 'sites/config'],
  'microsoft.apimanagement__2024-05-01': [
    'service',
    'service/apis',
    'service/apis/operations',
    'service/apis/operations/policies',
    'service/apis/policies',
    'service/backends',
    'service/namedValues',
    'service/policies',
    'service/policyFragments',
    'service/products',
    'service/products/apis',
    'service/subscriptions',
  ],
};

interface Ref {
  readonly $ref: string;
}

interface Source {
  readonly $type: string;
  readonly name?: string;
  readonly value?: string;
  readonly properties?: Record<string, { type: Ref; flags: number }>;
  readonly baseProperties?: Record<string, { type: Ref; flags: number }>;
  readonly additionalProperties?: Ref;
  readonly elements?: Ref[] | Record<string, Ref>;
  readonly discriminator?: string;
  readonly itemType?: Ref;
  readonly body?: Ref;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minValue?: number;
  readonly maxValue?: number;
}

const REQUIRED = 1;
const READ_ONLY = 2;

/** The published pattern of CORS origins backtracks exponentially; this says the same in linear time. */
function linear(pattern: string): string {
  return pattern.replaceAll('(?:[a-zA-Z0-9-]+[.]?)+', '(?:[a-zA-Z0-9-]+[.])*[a-zA-Z0-9-]+[.]?');
}

function compile(sources: readonly Source[], wanted: ReadonlySet<string>): unknown {
  const nodes: unknown[] = [];
  const numbers = new Map<number, number>();
  const visit = (ref: Ref): number => {
    const index = Number(ref.$ref.slice(2));
    const known = numbers.get(index);
    if (known !== undefined) return known;
    const number = nodes.length;
    numbers.set(index, number);
    nodes.push(null);
    nodes[number] = node(sources[index] as Source);
    return number;
  };
  const members = (properties: Source['properties']): Record<string, unknown> =>
    Object.fromEntries(
      Object.entries(properties ?? {}).map(([name, { type, flags }]) => [
        name,
        [visit(type), (flags & REQUIRED ? 'r' : '') + (flags & READ_ONLY ? 'o' : '')],
      ]),
    );
  const limits = (source: Source): Record<string, unknown> =>
    Object.fromEntries(
      (['pattern', 'minLength', 'maxLength', 'minValue', 'maxValue'] as const)
        .filter((key) => source[key] !== undefined)
        .map((key) => [key, key === 'pattern' ? linear(source.pattern ?? '') : source[key]]),
    );
  const node = (source: Source): unknown => {
    switch (source.$type) {
      case 'StringType':
        return { k: 'string', ...limits(source) };
      case 'StringLiteralType':
        return { k: 'enum', values: [source.value] };
      case 'IntegerType':
        return { k: 'integer', ...limits(source) };
      case 'BooleanType':
        return { k: 'boolean' };
      case 'ArrayType':
        return { k: 'array', item: visit(source.itemType as Ref), ...limits(source) };
      case 'UnionType': {
        const parts = (source.elements as Ref[]).map((ref) => sources[Number(ref.$ref.slice(2))] as Source);
        const values = parts.filter((part) => part.$type === 'StringLiteralType').map((part) => part.value);
        return values.length > 0 ? { k: 'enum', values } : { k: 'any' };
      }
      case 'ObjectType':
        return {
          k: 'object',
          members: members(source.properties),
          ...(source.additionalProperties ? { others: visit(source.additionalProperties) } : {}),
        };
      case 'DiscriminatedObjectType':
        return {
          k: 'variants',
          by: source.discriminator,
          members: members(source.baseProperties),
          variants: Object.fromEntries(
            Object.entries(source.elements as Record<string, Ref>).map(([name, ref]) => [name, visit(ref)]),
          ),
        };
      case 'AnyType':
        return { k: 'any' };
      default:
        throw new Error(`unknown node ${source.$type}`);
    }
  };
  const types: Record<string, number> = {};
  for (const source of sources) {
    const name = source.name?.split('@')[0] ?? '';
    if (source.$type === 'ResourceType' && wanted.has(name.slice(name.indexOf('/') + 1))) {
      types[name] = visit(source.body as Ref);
    }
  }
  return { types, nodes };
}

const inputs = inputsFolder();
if (inputs === undefined) {
  console.error(
    'The inputs folder is missing: set SMARTFHIR_DATA to it. Committed schemas were left as they are.',
  );
  process.exitCode = 2;
} else {
  const target = join(import.meta.dirname, '../src/local/schemas');
  mkdirSync(target, { recursive: true });
  for (const [file, types] of Object.entries(SELECTION)) {
    const path = join(inputs, 'data/azure-schemas/bicep-types', `${file}.types.json`);
    const table = compile(JSON.parse(readFileSync(path, 'utf8')) as Source[], new Set(types));
    const name = `${file.split('__')[0]}.json`;
    writeFileSync(join(target, name), `${JSON.stringify(table)}\n`);
    console.log(`wrote src/local/schemas/${name}`);
  }
}

import {
  type CodeSystemConcept,
  type ElementDefinition,
  r4Definitions,
  type StructureDefinition,
  type TerminologyResource,
} from './definitions.ts';
import { constantModule, type GeneratedModule, sortedRecord } from './write-module.ts';

/** Type or backbone path → element → `<min><1|*><type|type…>[@value set][+ when it belongs to the summary]`. */
export type Structures = Record<string, Record<string, string>>;

/** Elements that the package adds to R4: its own and some of R5. R4 refuses them, so they are left out. */
const NOT_IN_R4: Readonly<Record<string, readonly string[]>> = {
  Meta: ['deleted', 'project', 'author', 'onBehalfOf', 'account', 'accounts', 'compartment'],
  Binary: ['url'],
  DeviceDefinition: ['classification', 'bodySite'],
  HealthcareService: ['offeredIn'],
  ObservationDefinition: ['publisher'],
  'ResearchStudy.objective': ['description'],
  ResearchStudy: [
    'name',
    'label',
    'studyDesign',
    'region',
    'descriptionSummary',
    'classifier',
    'associatedParty',
    'progressStatus',
    'whyStopped',
    'recruitment',
    'comparisonGroup',
    'outcomeMeasure',
    'result',
  ],
};

/** Types that came with other versions of FHIR. */
const FROM_OTHER_VERSIONS = new Set(['MetadataResource', 'SubscriptionStatus']);

/** Value sets too large or too open to list; their codes are not checked. */
const LARGEST_CODE_LIST = 80;

export interface StructureTables {
  readonly structures: Structures;
  readonly codes: Record<string, string[]>;
}

/** Elements, cardinalities and required codes of every R4 type, from the snapshots. */
export function structureTables(): StructureTables {
  const definitions = [
    ...r4Definitions<StructureDefinition>('profiles-types.json'),
    ...r4Definitions<StructureDefinition>('profiles-resources.json'),
  ].filter(
    (item) =>
      item.resourceType === 'StructureDefinition' &&
      item.kind !== 'primitive-type' &&
      item.derivation !== 'constraint' &&
      !FROM_OTHER_VERSIONS.has(item.name),
  );
  const terminology = r4Definitions<TerminologyResource>('valuesets.json');
  const codeLists = new Map<string, string[] | undefined>();
  const structures: Structures = {};
  for (const definition of definitions) {
    for (const element of definition.snapshot?.element ?? []) {
      addElement(structures, element, (url) => {
        if (!codeLists.has(url)) codeLists.set(url, codesOf(url, terminology));
        return codeLists.get(url) !== undefined;
      });
    }
  }
  const codes = [...codeLists].flatMap(([url, list]) =>
    list === undefined ? [] : [[shortName(url), list] as const],
  );
  return { structures: sortedRecord(Object.entries(structures)), codes: sortedRecord(codes) };
}

export function structureModules(tables: StructureTables): GeneratedModule[] {
  const type = 'Readonly<Record<string, Readonly<Record<string, string>>>>';
  return [
    constantModule('structures.ts', 'R4_STRUCTURES', type, tables.structures),
    constantModule(
      'required-codes.ts',
      'R4_REQUIRED_CODES',
      'Readonly<Record<string, readonly string[]>>',
      tables.codes,
    ),
  ];
}

function addElement(
  structures: Structures,
  element: ElementDefinition,
  isListed: (url: string) => boolean,
): void {
  const dot = element.path.lastIndexOf('.');
  if (dot < 0) {
    structures[element.path] ??= {};
    return;
  }
  const types =
    element.contentReference?.slice(1) ??
    (element.type ?? []).map((type) => typeName(type.code, element.path)).join('|');
  const valueSet =
    element.binding?.strength === 'required' && types === 'code' ? valueSetOf(element) : undefined;
  const url = valueSet?.split('|')[0];
  const binding = url !== undefined && isListed(url) ? `@${shortName(url)}` : '';
  const isAdded = Object.entries(NOT_IN_R4).some(([owner, names]) =>
    names.some((name) => `${element.path}.`.startsWith(`${owner}.${name}.`)),
  );
  if (isAdded) return;
  const owner = element.path.slice(0, dot);
  structures[owner] ??= {};
  structures[owner][element.path.slice(dot + 1)] =
    `${element.min ?? 0}${element.max === '1' ? '1' : '*'}${types}${binding}${element.isSummary === true ? '+' : ''}`;
}

/** `http://hl7.org/fhirpath/System.String` stands for the primitive itself; backbones are named by their path. */
function typeName(code: string, path: string): string {
  if (code.startsWith('http://hl7.org/fhirpath/System.')) return 'string';
  return code === 'BackboneElement' || code === 'Element' ? path : code;
}

/** The package binds one element to another value set than R4 does. */
function valueSetOf(element: ElementDefinition): string | undefined {
  if (element.path === 'DetectedIssue.status') return 'http://hl7.org/fhir/ValueSet/observation-status';
  return element.binding?.valueSet;
}

function shortName(valueSetUrl: string): string {
  return valueSetUrl.slice(valueSetUrl.lastIndexOf('/') + 1);
}

function codesOf(url: string, terminology: readonly TerminologyResource[]): string[] | undefined {
  const find = (wanted: string, type: string): TerminologyResource | undefined =>
    terminology.find((item) => item.url === wanted && item.resourceType === type);
  const compose = find(url, 'ValueSet')?.compose;
  if (compose?.include === undefined || compose.exclude !== undefined) return undefined;
  const codes: string[] = [];
  for (const include of compose.include) {
    if (include.filter !== undefined || include.valueSet !== undefined || include.system === undefined)
      return undefined;
    const system = find(include.system, 'CodeSystem');
    if (include.concept !== undefined) codes.push(...include.concept.map((item) => item.code));
    else if (system?.content === 'complete') codes.push(...flatten(system.concept ?? []));
    else return undefined;
  }
  return codes.length === 0 || codes.length > LARGEST_CODE_LIST ? undefined : [...new Set(codes)].sort();
}

function flatten(concepts: readonly CodeSystemConcept[]): string[] {
  return concepts.flatMap((item) => [item.code, ...flatten(item.concept ?? [])]);
}

import type { SearchParameterResource } from './definitions.ts';
import type { Structures } from './structures.ts';
import { constantModule, type GeneratedModule, sortedRecord } from './write-module.ts';

/** `[type, paths, url, targets]`; a path ends in `:LeafType`, a step may carry a `[key=value]` filter. */
type Compiled = [string, string[], string, string[]?];

/** Parameters that the definitions package adds to R4. */
const NOT_IN_R4 = new Set(['DetectedIssue.status', 'ServiceRequest.order-detail']);

/** More targets than this mean: any resource. */
const MOST_TARGETS = 100;

const TYPES = new Set(['token', 'reference', 'string', 'date', 'uri', 'quantity', 'number']);

/** Which data types a search parameter type can read, so that choice elements expand only to these. */
const READABLE: Record<string, RegExp> = {
  token: /^(CodeableConcept|Coding|Identifier|ContactPoint|code|boolean|string|id|uri|canonical)$/,
  reference: /^(Reference|canonical|uri|url)$/,
  string: /^(string|markdown|HumanName|Address|code|id|xhtml)$/,
  date: /^(date|dateTime|instant|Period|Timing)$/,
  uri: /^(uri|url|canonical|oid|uuid)$/,
  quantity: /^(Quantity|Money|Age|Duration|Distance|Count|Range|SampledData)$/,
  number: /^(integer|decimal|positiveInt|unsignedInt|Range)$/,
};

/** Search parameters of every type as plain paths; returns what could not be compiled, to be looked at by a person. */
export function searchParameterModules(
  structures: Structures,
  resourceTypes: readonly string[],
  r4: readonly SearchParameterResource[],
  usCore: readonly SearchParameterResource[],
): { modules: GeneratedModule[]; skipped: string[] } {
  const skipped: string[] = [];
  const compile = (
    parameters: readonly SearchParameterResource[],
    known?: Record<string, Record<string, Compiled>>,
  ) => {
    const table: Record<string, Record<string, Compiled>> = {};
    for (const parameter of parameters) {
      for (const type of parameter.base) {
        if (!resourceTypes.includes(type) || known?.[type]?.[parameter.code] !== undefined) continue;
        if (parameter.code.startsWith('_') || NOT_IN_R4.has(`${type}.${parameter.code}`)) continue;
        const paths = TYPES.has(parameter.type) ? compilePaths(structures, type, parameter) : [];
        if (paths.length === 0) {
          skipped.push(`${type}.${parameter.code} (${parameter.type})`);
          continue;
        }
        const url = parameter.url.replace('http://hl7.org/fhir/SearchParameter/', '');
        const targets = targetsOf(parameter, type);
        table[type] ??= {};
        table[type][parameter.code] =
          targets === undefined ? [parameter.type, paths, url] : [parameter.type, paths, url, targets];
      }
    }
    return sortedRecord(
      Object.entries(table).map(([type, codes]) => [type, sortedRecord(Object.entries(codes))] as const),
    );
  };
  const base = compile(r4);
  const extra = compile(usCore, base);
  const composites = compositeCodes(resourceTypes, r4);
  const constantType = 'Readonly<Record<string, Readonly<Record<string, CompiledParameter>>>>';
  const modules = [
    withImport(constantModule('search-parameters.ts', 'R4_SEARCH_PARAMETERS', constantType, base)),
    constantModule(
      'composite-parameters.ts',
      'R4_COMPOSITE_PARAMETERS',
      'Readonly<Record<string, readonly string[]>>',
      composites,
    ),
    withImport(
      constantModule('us-core-search-parameters.ts', 'US_CORE_SEARCH_PARAMETERS', constantType, extra),
    ),
  ];
  return { modules, skipped };
}

/** Composite parameters are not compiled; who meets one has to know that it exists. */
function compositeCodes(
  resourceTypes: readonly string[],
  r4: readonly SearchParameterResource[],
): Record<string, readonly string[]> {
  return sortedRecord(
    resourceTypes.flatMap((type) => {
      const own = r4.filter((item) => item.type === 'composite' && item.base.includes(type));
      return own.length === 0 ? [] : [[type, own.map((item) => item.code).sort()] as const];
    }),
  );
}

function withImport(module: GeneratedModule): GeneratedModule {
  const line = "import type { CompiledParameter } from '../compiled-parameter.ts';\n";
  return { name: module.name, text: module.text.replace('\n\nexport', `\n${line}\nexport`) };
}

/** The union's alternatives that start at this type, each as steps with its leaf type. */
function compilePaths(structures: Structures, type: string, parameter: SearchParameterResource): string[] {
  if (parameter.code === 'deceased') return ['deceasedBoolean:deceased', 'deceasedDateTime:deceased'];
  const paths = (parameter.expression ?? '').split('|').flatMap((part) => {
    const text = part
      .trim()
      .replace(/\((\w+(?:\.\w+)*) as (\w+)\)/, '$1.ofType($2)')
      .replaceAll('.as(', '.ofType(');
    const plain = text.replace(/^\((.*)\)$/, '$1').replace(/^\((.*\))\)\.(\w+)$/, '$1.$2');
    const rooted = /^[a-z]\w*$/.test(plain) ? `${type}.${plain}` : plain;
    if (!rooted.startsWith(`${type}.`) || /\[\d|exists\(/.test(rooted)) return [];
    return walk(structures, type, stepsOf(rooted.slice(type.length + 1)), READABLE[parameter.type] ?? /^$/);
  });
  return [...new Set(paths)];
}

interface Step {
  readonly name: string;
  readonly filter: string;
  readonly only: string | undefined;
}

/** `telecom.where(system='phone').value` → steps; `where(resolve() is X)` is kept as the parameter's target. */
function stepsOf(expression: string): Step[] {
  const steps: Step[] = [];
  const token = /\.?(?:where\(resolve\(\) is \w+\)|where\((\w+)\s*=\s*'([^']*)'\)|ofType\((\w+)\)|(\w+))/gy;
  let at = 0;
  for (const match of expression.matchAll(token)) {
    at = match.index + match[0].length;
    const last = steps.at(-1);
    if (match[4] !== undefined) steps.push({ name: match[4], filter: '', only: undefined });
    else if (match[1] !== undefined && last !== undefined)
      steps[steps.length - 1] = { ...last, filter: `[${match[1]}=${match[2]}]` };
    else if (match[3] !== undefined && last !== undefined)
      steps[steps.length - 1] = { ...last, only: match[3] };
  }
  return at === expression.length ? steps : [];
}

function walk(structures: Structures, type: string, steps: readonly Step[], readable: RegExp): string[] {
  const [step, ...rest] = steps;
  if (step === undefined) return readable.test(type) ? [`:${type}`] : [];
  return elementsNamed(structures, type, step, rest.length > 0).flatMap(([name, elementType]) =>
    walk(structures, elementType, rest, readable).map((tail) =>
      tail.startsWith(':') ? `${name}${step.filter}${tail}` : `${name}${step.filter}.${tail}`,
    ),
  );
}

/** @param deeper a step follows: the value of an extension then is a code of some kind */
function elementsNamed(
  structures: Structures,
  type: string,
  step: Step,
  deeper: boolean,
): [string, string][] {
  const elements = structures[type] ?? {};
  const exact =
    elements[step.name] ?? (/^value(DateTime)$/.test(step.name) ? elements['value[x]'] : undefined);
  const choice = elements[`${step.name}[x]`];
  const spec = exact ?? choice;
  if (spec === undefined) return [];
  const types = (spec.slice(2).split(/[@+]/)[0] ?? '').split('|');
  if (exact !== undefined && choice === undefined && elements[step.name] === undefined) {
    return [[step.name, step.name.charAt(5).toLowerCase() + step.name.slice(6)]];
  }
  const coded = type === 'Extension' && step.name === 'value' && deeper;
  return types
    .filter((item) => step.only === undefined || item === step.only)
    .filter((item) => !coded || item === 'Coding' || item === 'CodeableConcept')
    .map((item) => [
      choice === undefined ? step.name : step.name + item.charAt(0).toUpperCase() + item.slice(1),
      item,
    ]);
}

function targetsOf(parameter: SearchParameterResource, type: string): string[] | undefined {
  if (parameter.type !== 'reference') return undefined;
  const own = (parameter.expression ?? '')
    .split('|')
    .find((part) => part.trim().replace(/^\(/, '').startsWith(`${type}.`));
  const only = /resolve\(\) is (\w+)/.exec(own ?? '')?.[1];
  if (only !== undefined) return [only];
  if (parameter.code === 'patient') return ['Patient'];
  const targets = parameter.target ?? [];
  return targets.length > MOST_TARGETS ? [] : [...targets].sort();
}

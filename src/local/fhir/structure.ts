import { R4_REQUIRED_CODES } from '../../standards/generated/required-codes.ts';
import { R4_STRUCTURES } from '../../standards/generated/structures.ts';
import { FhirError } from './fhir-error.ts';
import { isPrimitive, isPrimitiveValue } from './primitives.ts';
import { isObject, type JsonObject, type Resource } from './resource.ts';
import { isResourceType } from './store/reference.ts';

interface ElementSpec {
  readonly name: string;
  readonly required: boolean;
  readonly many: boolean;
  readonly type: string;
  readonly codes: ReadonlySet<string> | undefined;
  /** Elements of one choice (`value[x]`) exclude one another. */
  readonly choice: string | undefined;
}

interface TypeSpec {
  readonly elements: ReadonlyMap<string, ElementSpec>;
  readonly required: readonly { readonly label: string; readonly names: readonly string[] }[];
}

const DEEPEST = 40;
const cache = new Map<string, TypeSpec | undefined>();

/**
 * Structure as the service's parser demands it: known elements, cardinalities, primitive formats, required codes.
 * Profiles, value sets beyond required codes and invariants are not looked at.
 *
 * @throws FhirError 400 `invalid`
 */
export function checkStructure(value: unknown): Resource {
  if (!isObject(value)) throw parsing('the body is not a JSON object', '');
  const type = value['resourceType'];
  if (typeof type !== 'string') throw parsing("the property 'resourceType' is missing", '');
  if (!isResourceType(type)) throw parsing(`unknown type '${type}'`, '');
  checkResource(value, type, 0);
  return value as unknown as Resource;
}

function checkResource(value: JsonObject, path: string, depth: number): void {
  const type = value['resourceType'];
  if (typeof type !== 'string' || !isResourceType(type))
    throw parsing('a resource without a known resourceType', path);
  checkObject(value, type, path, depth);
}

function checkObject(value: JsonObject, type: string, path: string, depth: number): void {
  if (depth > DEEPEST) throw parsing('nested too deeply', path);
  const spec = typeSpec(type);
  if (spec === undefined) throw parsing(`unknown type '${type}'`, path);
  const isResource = isResourceType(type);
  const choices = new Set<string>();
  const names = Object.keys(value);
  if (names.length === 0) throw parsing('an object needs at least one property', path);
  for (const name of names) {
    if (name === 'resourceType' && isResource) continue;
    const bare = name.startsWith('_') ? name.slice(1) : name;
    const element = spec.elements.get(bare);
    if (element === undefined || (bare !== name && !isPrimitive(element.type))) {
      throw parsing(`Encountered unknown element '${name}' at location '${path}'`, path);
    }
    if (element.choice !== undefined && name === bare) {
      if (choices.has(element.choice)) throw parsing(`only one of '${element.choice}' may be given`, path);
      choices.add(element.choice);
    }
    if (name === bare) checkElement(value[name], value[`_${name}`], element, `${path}.${name}`, depth);
    else checkCompanion(value[name], `${path}.${name}`);
  }
  for (const { label, names: options } of spec.required) {
    if (options.every((name) => value[name] === undefined && value[`_${name}`] === undefined)) {
      throw new FhirError(400, 'invalid', 'Element with minimum cardinality 1 cannot be null', {
        expression: [`${path}.${label}`],
      });
    }
  }
}

function checkElement(
  value: unknown,
  companion: unknown,
  element: ElementSpec,
  path: string,
  depth: number,
): void {
  if (!element.many) {
    checkValue(value, element, path, depth);
    return;
  }
  if (!Array.isArray(value)) throw parsing(`'${element.name}' must be an array`, path);
  if (value.length === 0) throw parsing('an array cannot be empty', path);
  value.forEach((item, index) => {
    const place = `${path}[${index}]`;
    const companionItem = Array.isArray(companion) ? companion[index] : undefined;
    if (item === null && isObject(companionItem)) return;
    checkValue(item, element, place, depth);
  });
}

function checkValue(value: unknown, element: ElementSpec, path: string, depth: number): void {
  if (isPrimitive(element.type)) {
    if (!isPrimitiveValue(element.type, value)) {
      throw parsing(`${describe(value)} cannot be parsed as a ${element.type}`, path);
    }
    if (element.codes !== undefined && !element.codes.has(String(value))) {
      throw parsing(`Literal '${String(value)}' is not a valid value for '${element.name}'`, path);
    }
    return;
  }
  if (!isObject(value)) throw parsing(`${describe(value)} where an object was expected`, path);
  if (element.type === 'Resource') checkResource(value, path, depth + 1);
  else checkObject(value, element.type, path, depth + 1);
}

/** `_birthDate`: id and extensions beside a primitive. */
function checkCompanion(value: unknown, path: string): void {
  const items = Array.isArray(value) ? value.filter((item) => item !== null) : [value];
  for (const item of items) {
    if (!isObject(item)) throw parsing('an object was expected', path);
    for (const name of Object.keys(item)) {
      if (name !== 'id' && name !== 'extension') throw parsing(`Encountered unknown element '${name}'`, path);
    }
    if (item['extension'] !== undefined) {
      const element: ElementSpec = {
        name: 'extension',
        required: false,
        many: true,
        type: 'Extension',
        codes: undefined,
        choice: undefined,
      };
      checkElement(item['extension'], undefined, element, `${path}.extension`, 0);
    }
  }
}

function typeSpec(type: string): TypeSpec | undefined {
  if (cache.has(type)) return cache.get(type);
  const rows = R4_STRUCTURES[type];
  const made = rows === undefined ? undefined : specOf(rows);
  cache.set(type, made);
  return made;
}

function specOf(rows: Readonly<Record<string, string>>): TypeSpec {
  const elements = new Map<string, ElementSpec>();
  const required: { label: string; names: string[] }[] = [];
  for (const [name, text] of Object.entries(rows)) {
    const [types = '', codeList] = text.slice(2).replace('+', '').split('@');
    const choice = name.endsWith('[x]') ? name : undefined;
    const names: string[] = [];
    for (const type of types.split('|')) {
      const own =
        choice === undefined ? name : name.slice(0, -3) + type.charAt(0).toUpperCase() + type.slice(1);
      const codes = codeList === undefined ? undefined : R4_REQUIRED_CODES[codeList];
      elements.set(own, {
        name: own,
        required: text.startsWith('1'),
        many: text.charAt(1) === '*',
        type,
        codes: codes === undefined ? undefined : new Set(codes),
        choice,
      });
      names.push(own);
    }
    if (text.startsWith('1')) required.push({ label: name.replace('[x]', ''), names });
  }
  return { elements, required };
}

function describe(value: unknown): string {
  const text =
    typeof value === 'string' ? `'${value.slice(0, 60)}'` : Array.isArray(value) ? 'an array' : String(value);
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? 'an object' : text;
}

function parsing(reason: string, path: string): FhirError {
  return new FhirError(
    400,
    'invalid',
    `Error occurred when parsing model: '${reason}'.`,
    path === '' ? {} : { expression: [path] },
  );
}

import { ArmError } from './resource-type.ts';

/** One node of a compiled type table (`scripts/arm-schemas.ts`); numbers point into `nodes`. */
interface SchemaNode {
  readonly k: string;
  readonly members?: Readonly<Record<string, readonly [number, string]>>;
  readonly others?: number;
  readonly item?: number;
  readonly values?: readonly string[];
  readonly by?: string;
  readonly variants?: Readonly<Record<string, number>>;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minValue?: number;
  readonly maxValue?: number;
}

/** A file of `local/schemas`, imported as JSON. */
export interface SchemaTable {
  readonly types: Readonly<Record<string, number>>;
  readonly nodes: readonly unknown[];
}

interface Complaint {
  readonly path: string;
  readonly text: string;
}

/** Members of every resource that the path decides, not the body. */
const ADDRESS_MEMBERS = new Set(['id', 'name', 'type', 'apiVersion']);
const MAX_DEPTH = 32;

/**
 * Holds a request body against the published schema of its type: unknown members, wrong types, values outside
 * enumerations and limits, and missing required members are refused; read-only members are ignored, because
 * clients send back what they read.
 *
 * @returns the body without read-only members
 * @throws ArmError 400 `InvalidRequestContent`, one detail per complaint
 */
export function checkBody(
  table: SchemaTable,
  type: string,
  body: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const root = table.types[type];
  if (root === undefined) throw new Error(`no schema for ${type}`);
  const complaints: Complaint[] = [];
  const rest = Object.fromEntries(Object.entries(body).filter(([name]) => !ADDRESS_MEMBERS.has(name)));
  const kept = new Checker(table, complaints).check(root, rest, '', 0) as Record<string, unknown>;
  if (complaints.length > 0) {
    const details = complaints.map(({ path, text }) => ({
      code: 'InvalidProperty',
      target: path,
      message: text,
    }));
    const first = complaints[0] as Complaint;
    throw new ArmError(
      400,
      'InvalidRequestContent',
      `The request content is invalid: '${first.path}' ${first.text}.`,
      details,
    );
  }
  return kept;
}

class Checker {
  readonly #table: SchemaTable;
  readonly #complaints: Complaint[];

  constructor(table: SchemaTable, complaints: Complaint[]) {
    this.#table = table;
    this.#complaints = complaints;
  }

  check(index: number, value: unknown, path: string, depth: number): unknown {
    const node = this.#table.nodes[index] as SchemaNode;
    if (depth > MAX_DEPTH) return this.#refuse(path, 'is nested too deeply');
    if (value === null) return value;
    switch (node.k) {
      case 'object':
        return this.#object(node, node.members ?? {}, value, path, depth);
      case 'variants':
        return this.#variant(node, value, path, depth);
      case 'array':
        return this.#array(node, value, path, depth);
      default:
        return this.#scalar(node, value, path);
    }
  }

  #object(
    node: SchemaNode,
    members: NonNullable<SchemaNode['members']>,
    value: unknown,
    path: string,
    depth: number,
  ): unknown {
    if (!isRecord(value)) return this.#refuse(path, 'must be an object');
    const kept: Record<string, unknown> = {};
    for (const [name, item] of Object.entries(value)) {
      const member = Object.hasOwn(members, name) ? members[name] : undefined;
      const where = path === '' ? name : `${path}.${name}`;
      if (member !== undefined) {
        if (!member[1].includes('o')) kept[name] = this.check(member[0], item, where, depth + 1);
      } else if (node.others !== undefined) {
        kept[name] = this.check(node.others, item, where, depth + 1);
      } else {
        this.#refuse(where, 'is not a property of this type');
      }
    }
    for (const [name, [, flags]] of Object.entries(members)) {
      if (flags.includes('r') && !flags.includes('o') && (kept[name] ?? null) === null) {
        if (path !== '' || !ADDRESS_MEMBERS.has(name)) {
          this.#refuse(path === '' ? name : `${path}.${name}`, 'is required');
        }
      }
    }
    return kept;
  }

  #variant(node: SchemaNode, value: unknown, path: string, depth: number): unknown {
    if (!isRecord(value)) return this.#refuse(path, 'must be an object');
    const by = node.by ?? '';
    const chosen = node.variants?.[String(value[by])];
    if (chosen === undefined) return this.#refuse(`${path}.${by}`, 'is not one of the known kinds');
    const variant = this.#table.nodes[chosen] as SchemaNode;
    return this.#object(variant, { ...node.members, ...variant.members }, value, path, depth);
  }

  #array(node: SchemaNode, value: unknown, path: string, depth: number): unknown {
    if (!Array.isArray(value)) return this.#refuse(path, 'must be an array');
    this.#limits(node, value.length, 'items', path);
    return value.map((item, at) => this.check(node.item ?? 0, item, `${path}[${at}]`, depth + 1));
  }

  #scalar(node: SchemaNode, value: unknown, path: string): unknown {
    if (node.k === 'any') return value;
    if (node.k === 'boolean')
      return typeof value === 'boolean' ? value : this.#refuse(path, 'must be a boolean');
    if (node.k === 'integer') {
      if (!Number.isInteger(value)) return this.#refuse(path, 'must be an integer');
      if (Number(value) < (node.minValue ?? -Infinity) || Number(value) > (node.maxValue ?? Infinity)) {
        return this.#refuse(path, `must lie between ${node.minValue ?? '…'} and ${node.maxValue ?? '…'}`);
      }
      return value;
    }
    if (typeof value !== 'string') return this.#refuse(path, 'must be a string');
    if (node.k === 'enum' && !node.values?.includes(value)) {
      return this.#refuse(path, `must be one of ${node.values?.join(', ')}`);
    }
    this.#limits(node, value.length, 'characters', path);
    if (node.pattern !== undefined && !new RegExp(node.pattern).test(value)) {
      return this.#refuse(path, `must match ${node.pattern}`);
    }
    return value;
  }

  #limits(node: SchemaNode, length: number, unit: string, path: string): void {
    if (length < (node.minLength ?? 0)) this.#refuse(path, `must have at least ${node.minLength} ${unit}`);
    if (length > (node.maxLength ?? Infinity))
      this.#refuse(path, `must have at most ${node.maxLength} ${unit}`);
  }

  #refuse(path: string, text: string): undefined {
    this.#complaints.push({ path, text });
    return undefined;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

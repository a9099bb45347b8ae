import type { Program } from '../expression/ast.ts';
import { type Checked, checkProgram } from '../expression/check.ts';
import { parseExpression } from '../expression/parser.ts';
import { ExpressionError } from '../expression/scan.ts';
import { asBool, toText } from '../expression/value.ts';
import type { Run } from '../run.ts';
import type { PolicyElement, Section, Step } from './element.ts';
import type { PolicyEnvironment } from './environment.ts';
import { PolicyFault } from './fault.ts';
import type { PolicyNode, PolicyText } from './parse.ts';
import { PolicyError, positionOf } from './policy-error.ts';
import { checkAttributes, checkChildren, checkContent } from './shape.ts';

export type Reader<T> = (run: Run) => Promise<T>;

/** An expression that was checked, with the element it stands in. */
export interface CompiledExpression {
  readonly program: Program;
  readonly checked: Checked;
  readonly element: string;
}

export type ElementRegistry = ReadonlyMap<string, PolicyElement>;

export interface CompilerOptions {
  readonly document: string;
  readonly environment: PolicyEnvironment;
  readonly elements: ElementRegistry;
  /** Undefined while a fragment is looked at alone: it does not know where it will be included. */
  readonly section: Section | undefined;
  /** Ids of the fragments around this one. */
  readonly fragments: readonly string[];
}

/** Turns elements into steps and collects every reason to refuse the document. */
export class Compiler {
  readonly options: CompilerOptions;
  readonly errors: PolicyError[] = [];
  /** The policy being compiled: what `LastError.Source` names when one of its expressions fails. */
  #policy = '';

  constructor(options: CompilerOptions) {
    this.options = options;
  }

  fail(node: PolicyNode, reason: string, offset = node.offset): void {
    this.errors.push(new PolicyError(node.name, positionOf(this.options.document, offset), reason));
  }

  /** The steps of the elements below `parent`. */
  steps(parent: PolicyNode, topLevel: boolean): Step[] {
    if (parent.content.text.trim() !== '') this.fail(parent, 'text is not allowed here');
    const seen = new Set<string>();
    return parent.children.flatMap((node) => {
      const element = this.#admitted(node, topLevel, seen);
      seen.add(node.name);
      if (element === undefined) return [];
      const before = this.errors.length;
      checkAttributes(this, node, element.attributes);
      if (element.children !== undefined) checkChildren(this, node, element.children);
      checkContent(this, node, element);
      return this.errors.length > before ? [] : [this.#compiled(element, node)];
    });
  }

  #compiled(element: PolicyElement, node: PolicyNode): Step {
    const outer = this.#policy;
    this.#policy = node.name;
    const step = element.compile(node, this);
    this.#policy = outer;
    return step;
  }

  #admitted(node: PolicyNode, topLevel: boolean, seen: ReadonlySet<string>): PolicyElement | undefined {
    const element = this.options.elements.get(node.name);
    const { section, environment } = this.options;
    if (element === undefined) this.fail(node, `policy '${node.name}' is not known to this gateway`);
    else if (section !== undefined && !element.sections.includes(section)) {
      this.fail(node, `policy '${node.name}' is not allowed in the section '${section}'`);
    } else if (element.topLevel === true && !topLevel) {
      this.fail(node, `policy '${node.name}' must stand directly below its section`);
    } else if (element.once === true && seen.has(node.name)) {
      this.fail(node, `policy '${node.name}' may stand only once in a section`);
    } else if (element.refusedBy?.includes(environment.sku)) {
      this.fail(node, `policy '${node.name}' is not allowed in the ${environment.sku} SKU`);
    } else return element;
    return undefined;
  }

  /** An attribute's text with named values filled in; undefined when it is absent. */
  literal(node: PolicyNode, attribute: string): string | undefined {
    const text = node.attributes.get(attribute);
    return text === undefined ? undefined : this.#filled(node, text).text;
  }

  /** An element's text with named values filled in. */
  literalContent(node: PolicyNode): string {
    return this.#filled(node, node.content).text.trim();
  }

  text(node: PolicyNode, attribute: string): Reader<string> {
    return this.optionalText(node, attribute) ?? (async () => '');
  }

  optionalText(node: PolicyNode, attribute: string): Reader<string> | undefined {
    const text = node.attributes.get(attribute);
    return text === undefined ? undefined : this.#asText(this.value(node, text));
  }

  boolean(node: PolicyNode, attribute: string, fallback: boolean): Reader<boolean> {
    const text = node.attributes.get(attribute);
    if (text === undefined) return async () => fallback;
    const read = this.value(node, text, 'bool');
    const element = this.#policy;
    return async (run) => {
      const value = await read(run);
      return typeof value === 'string'
        ? value.trim().toLowerCase() === 'true'
        : run.guarded(element, () => asBool(value));
    };
  }

  integer(node: PolicyNode, attribute: string): Reader<number> | undefined {
    const read = this.optionalText(node, attribute);
    const source = this.#policy;
    return (
      read &&
      (async (run) => {
        const text = await read(run);
        if (/^\s*-?\d{1,15}\s*$/.test(text)) return Number(text);
        throw new PolicyFault({
          source,
          reason: 'ExpressionValueEvaluationFailure',
          message: `attribute '${attribute}' is not an integer`,
          status: 500,
          clientMessage: 'Internal server error',
        });
      })
    );
  }

  content(node: PolicyNode): Reader<string> {
    return this.#asText(this.value(node, node.content));
  }

  /** A value of any type: an expression's result, or the text itself. */
  value(node: PolicyNode, source: PolicyText, expected?: string): Reader<unknown> {
    const { text, exact } = this.#filled(node, source);
    if (!/^\s*@[({]/.test(text)) return async () => text;
    const expression = this.#expression(node, text, exact ? source.start : undefined, expected);
    return async (run) => (expression === undefined ? '' : run.evaluate(expression));
  }

  #asText(read: Reader<unknown>): Reader<string> {
    const element = this.#policy;
    return async (run) => {
      const value = await read(run);
      return typeof value === 'string' ? value : run.guarded(element, () => toText(value));
    };
  }

  #expression(
    node: PolicyNode,
    text: string,
    start: number | undefined,
    expected: string | undefined,
  ): CompiledExpression | undefined {
    try {
      const program = parseExpression(text.trim());
      const checked = checkProgram(program);
      if (expected !== undefined && checked.type !== undefined && checked.type !== expected) {
        throw new ExpressionError(`cannot implicitly convert type '${checked.type}' to '${expected}'`, 0);
      }
      return { program, checked, element: this.#policy };
    } catch (error) {
      if (!(error instanceof ExpressionError)) throw error;
      this.fail(node, error.message, start === undefined ? node.offset : start + error.offset);
      return undefined;
    }
  }

  /**
   * Named values are text, wherever they stand (API Management policy expressions), filled in after the XML
   * was read, so that they add no elements; `exact` when none did.
   */
  #filled(node: PolicyNode, source: PolicyText): { text: string; exact: boolean } {
    let exact = true;
    const text = source.text.replace(/\{\{\s*([A-Za-z0-9._-]+)\s*\}\}/g, (match, name: string) => {
      exact = false;
      const value = this.options.environment.namedValue(name);
      if (value === undefined) this.fail(node, `cannot find a property '${name}'`);
      return value ?? match;
    });
    return { text, exact };
  }

  /** A rule's check of a literal is skipped for expressions, which only running can tell. */
  isExpression(node: PolicyNode, attribute: string): boolean {
    return /^\s*@[({]/.test(this.literal(node, attribute) ?? '');
  }
}

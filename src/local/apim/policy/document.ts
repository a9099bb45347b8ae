import { ELEMENTS } from '../elements.ts';
import { Compiler, type CompilerOptions } from './compiler.ts';
import { type CompiledPolicy, type Scope, SECTIONS, type Section, type Step } from './element.ts';
import type { PolicyEnvironment } from './environment.ts';
import { type PolicyFormat, type PolicyNode, parsePolicy } from './parse.ts';
import { PolicyError, positionOf } from './policy-error.ts';

/** Everything that is wrong with a policy document, in the order of its lines. */
export class PolicyRefused extends Error {
  override readonly name = 'PolicyRefused';
  readonly errors: readonly PolicyError[];

  constructor(errors: readonly PolicyError[]) {
    super(errors.map((error) => error.message).join('\n'));
    this.errors = errors;
  }
}

/** Bytes of a policy document (API Management service limits). */
const MAX_DOCUMENT_BYTES = 256 * 1024;
export const MAX_CONSUMPTION_DOCUMENT_BYTES = 16 * 1024;

/**
 * Reads a policy document completely: structure, elements, references, expressions.
 *
 * @throws PolicyRefused naming element, line and column of each mistake
 */
export function compilePolicy(
  document: string,
  format: PolicyFormat,
  scope: Scope,
  environment: PolicyEnvironment,
): CompiledPolicy {
  checkSize(document, environment);
  const root = parsed(document, format);
  const errors: PolicyError[] = [];
  const compilerFor = (section: Section | undefined): Compiler =>
    new Compiler(options(document, environment, section));
  checkRoot(root, compilerFor(undefined), errors);
  refuseIfAny(errors);
  const sections: Partial<Record<Section, readonly Step[]>> = {};
  let preflight: (Step | 'base')[] = [];
  for (const node of root.children) {
    if (!isSection(node.name)) continue;
    const compiler = compilerFor(node.name);
    const [, second] = node.children;
    if (node.name === 'backend' && second !== undefined)
      compiler.fail(second, "only one policy is allowed in the section 'backend'");
    const steps = compiler.steps(node, true);
    sections[node.name] = steps;
    if (node.name === 'inbound' && compiler.errors.length === 0) preflight = preflightOf(node, steps);
    errors.push(...compiler.errors);
  }
  refuseIfAny(errors);
  return { scope, sections, preflight };
}

/** A fragment on its own: everything but what depends on the section it will stand in. */
export function checkFragment(
  document: string,
  format: PolicyFormat,
  id: string,
  environment: PolicyEnvironment,
): void {
  checkSize(document, environment);
  const root = parsed(document, format);
  const compiler = new Compiler({ ...options(document, environment, undefined), fragments: [id] });
  if (root.name !== 'fragment') compiler.fail(root, "the root element must be 'fragment'");
  else compiler.steps(root, false);
  refuseIfAny(compiler.errors);
}

function options(
  document: string,
  environment: PolicyEnvironment,
  section: Section | undefined,
): CompilerOptions {
  return { document, environment, section, elements: ELEMENTS, fragments: [] };
}

function parsed(document: string, format: PolicyFormat): PolicyNode {
  try {
    return parsePolicy(document, format);
  } catch (error) {
    if (error instanceof PolicyError) throw new PolicyRefused([error]);
    throw error;
  }
}

function checkSize(document: string, environment: PolicyEnvironment): void {
  const limit = environment.sku === 'Consumption' ? MAX_CONSUMPTION_DOCUMENT_BYTES : MAX_DOCUMENT_BYTES;
  if (Buffer.byteLength(document) <= limit) return;
  const reason = `the document is larger than the ${limit / 1024} KiB that the ${environment.sku} SKU allows`;
  throw new PolicyRefused([new PolicyError('policies', positionOf(document, 0), reason)]);
}

function checkRoot(root: PolicyNode, compiler: Compiler, errors: PolicyError[]): void {
  if (root.name !== 'policies') compiler.fail(root, "the root element must be 'policies'");
  if (root.attributes.size > 0) compiler.fail(root, 'attributes are not allowed here');
  if (root.content.text.trim() !== '') compiler.fail(root, 'text is not allowed here');
  const seen = new Set<string>();
  for (const node of root.name === 'policies' ? root.children : []) {
    if (!isSection(node.name)) compiler.fail(node, `section '${node.name}' is not known`);
    else if (seen.has(node.name)) compiler.fail(node, `section '${node.name}' may stand only once`);
    if (node.attributes.size > 0) compiler.fail(node, 'attributes are not allowed here');
    seen.add(node.name);
  }
  errors.push(...compiler.errors);
}

function preflightOf(inbound: PolicyNode, steps: readonly Step[]): (Step | 'base')[] {
  return inbound.children.flatMap((node, index): (Step | 'base')[] => {
    const step = steps[index];
    if (node.name === 'base') return ['base' as const];
    return node.name === 'cors' && step !== undefined ? [step] : [];
  });
}

function isSection(name: string): name is Section {
  return SECTIONS.some((section) => section === name);
}

function refuseIfAny(errors: readonly PolicyError[]): void {
  if (errors.length === 0) return;
  const sorted = [...errors].sort(
    (a, b) => a.position.line - b.position.line || a.position.column - b.position.column,
  );
  const unique = sorted.filter((error, index) => error.message !== sorted[index - 1]?.message);
  throw new PolicyRefused(unique);
}

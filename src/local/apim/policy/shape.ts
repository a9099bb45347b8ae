import type { Compiler } from './compiler.ts';
import type { AttributeRule, PolicyElement } from './element.ts';
import type { PolicyNode } from './parse.ts';

/** The attributes an element has must be known, complete and of their type. */
export function checkAttributes(
  compiler: Compiler,
  node: PolicyNode,
  rules: Readonly<Record<string, AttributeRule>>,
): void {
  for (const name of node.attributes.keys()) {
    const rule = Object.hasOwn(rules, name) ? rules[name] : undefined;
    if (rule === undefined) compiler.fail(node, `attribute '${name}' is not known`);
    else checkValue(compiler, node, name, rule);
  }
  for (const [name, rule] of Object.entries(rules)) {
    if (rule.required === true && !node.attributes.has(name))
      compiler.fail(node, `attribute '${name}' is required`);
  }
}

function checkValue(compiler: Compiler, node: PolicyNode, name: string, rule: AttributeRule): void {
  const failures = compiler.errors.length;
  const text = compiler.literal(node, name) ?? '';
  // An unknown named value is reported once, where its reader is made.
  if (compiler.errors.length > failures) return;
  if (compiler.isExpression(node, name)) {
    if (rule.expression !== true) compiler.fail(node, `attribute '${name}' does not allow expressions`);
    return;
  }
  if (rule.required === true && text.trim() === '')
    compiler.fail(node, `attribute '${name}' must not be empty`);
  if (rule.values !== undefined && !rule.values.includes(text)) {
    compiler.fail(node, `attribute '${name}' must be one of ${rule.values.join(', ')}`);
  }
  if (rule.type === 'integer' && !/^\d{1,9}$/.test(text))
    compiler.fail(node, `attribute '${name}' must be an integer`);
  if (rule.type === 'boolean' && !/^(?:true|false)$/i.test(text)) {
    compiler.fail(node, `attribute '${name}' must be true or false`);
  }
}

/**
 * Children must be known, in their order, and as many as allowed (API Management policy reference: the order
 * of children is fixed).
 */
export function checkChildren(compiler: Compiler, node: PolicyNode, pattern: readonly string[]): void {
  const rules = pattern.map((item) => /^([\w-]+)([?*+]?)$/.exec(item) ?? ['', item, '']);
  const names = rules.map((rule) => rule[1] ?? '');
  let reached = 0;
  for (const child of node.children) {
    const index = names.indexOf(child.name);
    if (index < 0) compiler.fail(child, `element '${child.name}' is not allowed inside '${node.name}'`);
    else if (index < reached)
      compiler.fail(child, `element '${child.name}' must come before '${names[reached]}'`);
    else reached = index;
  }
  for (const [, name = '', many] of rules) {
    const found = node.children.filter((child) => child.name === name);
    const [, second] = found;
    if (found.length === 0 && (many === '' || many === '+'))
      compiler.fail(node, `element '${name}' is required inside '${node.name}'`);
    if (second !== undefined && (many === '' || many === '?'))
      compiler.fail(second, `element '${name}' may stand only once inside '${node.name}'`);
  }
}

export function checkContent(compiler: Compiler, node: PolicyNode, element: PolicyElement): void {
  const empty = node.content.text.trim() === '';
  if (element.content === undefined && !empty)
    compiler.fail(node, `text is not allowed inside '${node.name}'`);
  if (element.content === 'required' && empty) compiler.fail(node, `'${node.name}' must not be empty`);
  if (element.content !== undefined && element.children === undefined && node.children.length > 0) {
    compiler.fail(node, `elements are not allowed inside '${node.name}'`);
  }
}

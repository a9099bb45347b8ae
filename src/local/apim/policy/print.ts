import type { PolicyFormat, PolicyNode } from './parse.ts';

const INDENT = '\t';

/**
 * A policy document as API Management gives it back: re-indented, and escaped as XML unless raw is asked for
 * (ARM reference of Microsoft.ApiManagement). Comparing it with what was sent needs a parser, never string
 * equality.
 */
export function printPolicy(root: PolicyNode, format: PolicyFormat): string {
  return print(root, format, 0);
}

function print(node: PolicyNode, format: PolicyFormat, depth: number): string {
  const pad = INDENT.repeat(depth);
  const attributes = [...node.attributes]
    .map(([name, value]) => ` ${name}="${attributeText(value.text, format)}"`)
    .join('');
  const start = `${pad}<${node.name}${attributes}`;
  const text = node.content.text.trim() === '' ? '' : contentText(node.content.text, format);
  if (node.items.length === 0) return text === '' ? `${start} />` : `${start}>${text}</${node.name}>`;
  if (text !== '' && node.children.length === 0) {
    const comments = node.items.map((item) => ('comment' in item ? `<!--${item.comment}-->` : ''));
    return `${start}>${text}${comments.join('')}</${node.name}>`;
  }
  const inner = node.items.map((item) =>
    'comment' in item ? `${pad}${INDENT}<!--${item.comment}-->` : print(item, format, depth + 1),
  );
  return [`${start}>`, ...inner, `${pad}</${node.name}>`].join('\r\n');
}

function isExpression(text: string): boolean {
  return /^\s*@[({]/.test(text);
}

function attributeText(text: string, format: PolicyFormat): string {
  if (format === 'rawxml' && isExpression(text)) return text;
  return escaped(text).replaceAll('"', '&quot;').replaceAll('\n', '&#xA;').replaceAll('\t', '&#x9;');
}

function contentText(text: string, format: PolicyFormat): string {
  return format === 'rawxml' && isExpression(text) ? text : escaped(text);
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

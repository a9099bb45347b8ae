import type { HeaderList } from '../header-list.ts';
import type { Compiler, Reader } from '../policy/compiler.ts';
import { ANYWHERE, type AttributeRule, type PolicyElement } from '../policy/element.ts';
import { PolicyFault } from '../policy/fault.ts';
import type { PolicyNode } from '../policy/parse.ts';
import { checkAttributes } from '../policy/shape.ts';
import type { Run } from '../run.ts';

/** Headers that belong to the connection, not to the message (API Management policy reference). */
const UNTOUCHABLE = new Set(['connection', 'content-length', 'keep-alive', 'transfer-encoding']);
/** Line ends, other controls, and characters beyond one byte. */
const NOT_IN_A_VALUE = /[^\t\x20-\x7e\x80-\xff]/;
const TOKEN = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+$/;

export const EXISTS_ACTIONS = ['override', 'skip', 'append', 'delete'] as const;

export const SET_HEADER_ATTRIBUTES: Readonly<Record<string, AttributeRule>> = {
  name: { required: true, expression: true },
  'exists-action': { values: EXISTS_ACTIONS, expression: true },
};

/** What a `set-header` does to a list of headers; shared with `return-response`. */
export function headerChange(
  node: PolicyNode,
  compiler: Compiler,
): (run: Run, headers: HeaderList) => Promise<void> {
  for (const value of node.children) checkAttributes(compiler, value, {});
  const literal = compiler.isExpression(node, 'name') ? undefined : compiler.literal(node, 'name');
  if (literal !== undefined && UNTOUCHABLE.has(literal.toLowerCase()))
    compiler.fail(node, `header '${literal}' cannot be changed`);
  if (literal !== undefined && !TOKEN.test(literal)) compiler.fail(node, `'${literal}' is not a header name`);
  const isDelete = compiler.literal(node, 'exists-action') === 'delete';
  if (!isDelete && node.children.length === 0)
    compiler.fail(node, "element 'value' is required inside 'set-header'");
  const name = compiler.text(node, 'name');
  const action = compiler.optionalText(node, 'exists-action') ?? (async () => 'override');
  const values = node.children.map((value) => compiler.content(value));
  return async (run, headers) =>
    applyChange(headers, await name(run), await action(run), await readAll(values, run));
}

async function readAll(readers: readonly Reader<string>[], run: Run): Promise<string[]> {
  const values: string[] = [];
  for (const read of readers) values.push(await read(run));
  return values;
}

function applyChange(headers: HeaderList, name: string, action: string, values: readonly string[]): void {
  // A header that HTTP cannot carry would otherwise split the message.
  if (
    !TOKEN.test(name) ||
    UNTOUCHABLE.has(name.toLowerCase()) ||
    values.some((value) => NOT_IN_A_VALUE.test(value))
  ) {
    throw new PolicyFault({
      source: 'set-header',
      reason: 'ExpressionValueEvaluationFailure',
      message: 'The header has an invalid name or value.',
      status: 500,
      clientMessage: 'Internal server error',
    });
  }
  if (action === 'delete') headers.delete(name);
  else if (action === 'append') headers.append(name, values);
  else if (action !== 'skip' || headers.get(name) === undefined) headers.set(name, values);
}

export const setHeader: PolicyElement = {
  name: 'set-header',
  sections: ANYWHERE,
  attributes: SET_HEADER_ATTRIBUTES,
  children: ['value*'],
  compile: (node, compiler) => {
    const change = headerChange(node, compiler);
    return (run, frame) => change(run, run.message(frame.section).headers);
  },
};

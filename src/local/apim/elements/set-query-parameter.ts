import type { PolicyElement } from '../policy/element.ts';
import { checkAttributes } from '../policy/shape.ts';
import { EXISTS_ACTIONS } from './set-header.ts';

export const setQueryParameter: PolicyElement = {
  name: 'set-query-parameter',
  sections: ['inbound', 'backend'],
  attributes: {
    name: { required: true, expression: true },
    'exists-action': { values: EXISTS_ACTIONS, expression: true },
  },
  children: ['value*'],
  compile: (node, compiler) => {
    for (const value of node.children) checkAttributes(compiler, value, {});
    if (compiler.literal(node, 'exists-action') !== 'delete' && node.children.length === 0) {
      compiler.fail(node, "element 'value' is required inside 'set-query-parameter'");
    }
    const readName = compiler.text(node, 'name');
    const readAction = compiler.optionalText(node, 'exists-action') ?? (async () => 'override');
    const readers = node.children.map((value) => compiler.content(value));
    return async (run) => {
      const { query } = run.request;
      const [name, action] = [await readName(run), await readAction(run)];
      if (action === 'skip' && query.has(name)) return;
      if (action !== 'append') query.delete(name);
      if (action === 'delete') return;
      for (const read of readers) query.append(name, await read(run));
    };
  },
};

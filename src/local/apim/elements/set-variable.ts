import { ANYWHERE, type PolicyElement } from '../policy/element.ts';

/** Keeps a value, with its type, for later expressions of this request. */
export const setVariable: PolicyElement = {
  name: 'set-variable',
  sections: ANYWHERE,
  attributes: { name: { required: true, expression: true }, value: { required: true, expression: true } },
  children: [],
  compile: (node, compiler) => {
    const name = compiler.text(node, 'name');
    const source = node.attributes.get('value');
    const value = source === undefined ? async () => '' : compiler.value(node, source);
    return async (run) => {
      run.variables.set(await name(run), await value(run));
    };
  },
};

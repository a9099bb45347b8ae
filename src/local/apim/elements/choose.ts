import type { Reader } from '../policy/compiler.ts';
import { ANYWHERE, type PolicyElement, type Step } from '../policy/element.ts';
import { checkAttributes } from '../policy/shape.ts';

/** The first `when` whose condition holds, else `otherwise`. */
export const choose: PolicyElement = {
  name: 'choose',
  sections: ANYWHERE,
  attributes: {},
  children: ['when+', 'otherwise?'],
  compile: (node, compiler) => {
    const branches = node.children.map((branch): { condition: Reader<boolean>; steps: readonly Step[] } => {
      const isWhen = branch.name === 'when';
      checkAttributes(
        compiler,
        branch,
        isWhen ? { condition: { required: true, expression: true, type: 'boolean' } } : {},
      );
      const condition = isWhen ? compiler.boolean(branch, 'condition', false) : async () => true;
      return { condition, steps: compiler.steps(branch, false) };
    });
    return async (run, frame) => {
      for (const { condition, steps } of branches) {
        if (!(await condition(run))) continue;
        for (const step of steps) await step(run, frame);
        return;
      }
    };
  },
};

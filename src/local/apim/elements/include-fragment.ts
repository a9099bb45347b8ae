import { Compiler } from '../policy/compiler.ts';
import { ANYWHERE, type PolicyElement } from '../policy/element.ts';
import { parsePolicy } from '../policy/parse.ts';
import { PolicyError } from '../policy/policy-error.ts';

/** Fragments may include fragments, up to here. */
const MAX_FRAGMENT_DEPTH = 5;

export const includeFragment: PolicyElement = {
  name: 'include-fragment',
  sections: ANYWHERE,
  attributes: { 'fragment-id': { required: true } },
  children: [],
  compile: (node, compiler) => {
    const id = compiler.literal(node, 'fragment-id') ?? '';
    const { environment, fragments } = compiler.options;
    const fragment = environment.fragment(id);
    if (fragment === undefined) compiler.fail(node, `policy fragment '${id}' could not be found`);
    else if (fragments.includes(id.toLowerCase()) || fragments.length >= MAX_FRAGMENT_DEPTH) {
      compiler.fail(node, `policy fragment '${id}' includes itself or is nested too deeply`);
    } else {
      const { document, format } = fragment;
      const inner = new Compiler({
        ...compiler.options,
        document,
        fragments: [...fragments, id.toLowerCase()],
      });
      try {
        const steps = inner.steps(parsePolicy(document, format), false);
        for (const error of inner.errors) compiler.fail(node, `policy fragment '${id}': ${error.reason}`);
        return async (run, frame) => {
          for (const step of steps) await step(run, frame);
        };
      } catch (error) {
        if (!(error instanceof PolicyError)) throw error;
        compiler.fail(node, `policy fragment '${id}': ${error.reason}`);
      }
    }
    return () => undefined;
  },
};

import type { PolicyElement } from '../policy/element.ts';
import { PolicyFault } from '../policy/fault.ts';

export const setMethod: PolicyElement = {
  name: 'set-method',
  sections: ['inbound', 'on-error'],
  attributes: {},
  content: 'required',
  compile: (node, compiler) => {
    const read = compiler.content(node);
    return async (run) => {
      const method = (await read(run)).trim();
      if (!/^[A-Za-z]{1,20}$/.test(method) || /^(?:connect|trace|track)$/i.test(method)) {
        throw new PolicyFault({
          source: 'set-method',
          reason: 'ExpressionValueEvaluationFailure',
          message: 'Not a method that can be sent.',
          status: 500,
          clientMessage: 'Internal server error',
        });
      }
      run.request.method = method.toUpperCase();
    };
  },
};

import { STATUS_CODES } from 'node:http';
import type { Compiler } from '../policy/compiler.ts';
import { ANYWHERE, type AttributeRule, type PolicyElement } from '../policy/element.ts';
import { PolicyFault } from '../policy/fault.ts';
import type { PolicyNode } from '../policy/parse.ts';
import { emptyResponse, type GatewayResponse, type Run } from '../run.ts';

export const SET_STATUS_ATTRIBUTES: Readonly<Record<string, AttributeRule>> = {
  code: { required: true, expression: true, type: 'integer' },
  reason: { expression: true },
};

/** What a `set-status` does to a response; shared with `return-response`. */
export function statusChange(
  node: PolicyNode,
  compiler: Compiler,
): (run: Run, response: GatewayResponse) => Promise<void> {
  const readCode = compiler.integer(node, 'code');
  const readReason = compiler.optionalText(node, 'reason');
  return async (run, response) => {
    const code = (await readCode?.(run)) ?? 0;
    if (code < 200 || code > 599) {
      throw new PolicyFault({
        source: 'set-status',
        reason: 'ExpressionValueEvaluationFailure',
        message: 'Not a status that can be sent.',
        status: 500,
        clientMessage: 'Internal server error',
      });
    }
    response.statusCode = code;
    response.statusReason = (await readReason?.(run)) ?? STATUS_CODES[code] ?? '';
  };
}

export const setStatus: PolicyElement = {
  name: 'set-status',
  sections: ANYWHERE,
  attributes: SET_STATUS_ATTRIBUTES,
  children: [],
  compile: (node, compiler) => {
    const change = statusChange(node, compiler);
    return (run) => {
      run.response ??= emptyResponse();
      return change(run, run.response);
    };
  },
};

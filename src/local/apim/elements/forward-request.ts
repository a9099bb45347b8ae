import { forward } from '../forward.ts';
import { FORWARD_TIMEOUT_MS } from '../limits.ts';
import type { PolicyElement } from '../policy/element.ts';

export const forwardRequest: PolicyElement = {
  name: 'forward-request',
  sections: ['backend'],
  attributes: {
    timeout: { type: 'integer', expression: true },
    'timeout-ms': { type: 'integer', expression: true },
    'http-version': { values: ['1', '2', '2or1'] },
    'follow-redirects': { values: ['false'] },
    'buffer-request-body': { type: 'boolean' },
    'buffer-response': { type: 'boolean', expression: true },
    'fail-on-error-status-code': { type: 'boolean', expression: true },
  },
  children: [],
  compile: (node, compiler) => {
    const seconds = compiler.integer(node, 'timeout');
    const milliseconds = compiler.integer(node, 'timeout-ms');
    if (seconds !== undefined && milliseconds !== undefined)
      compiler.fail(node, "only one of 'timeout' and 'timeout-ms' is allowed");
    const buffersRequest = compiler.boolean(node, 'buffer-request-body', false);
    const buffersResponse = compiler.boolean(node, 'buffer-response', true);
    const fails = compiler.boolean(node, 'fail-on-error-status-code', false);
    return async (run) => {
      const timeoutMs = seconds === undefined ? await milliseconds?.(run) : (await seconds(run)) * 1000;
      await forward(run, {
        timeoutMs: timeoutMs ?? FORWARD_TIMEOUT_MS,
        bufferRequest: await buffersRequest(run),
        bufferResponse: await buffersResponse(run),
        failOnErrorStatus: await fails(run),
      });
    };
  },
};

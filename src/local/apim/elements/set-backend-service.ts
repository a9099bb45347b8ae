import type { PolicyElement } from '../policy/element.ts';
import { PolicyFault } from '../policy/fault.ts';

export const setBackendService: PolicyElement = {
  name: 'set-backend-service',
  sections: ['inbound', 'backend'],
  attributes: { 'base-url': { expression: true }, 'backend-id': { expression: true } },
  children: [],
  compile: (node, compiler) => {
    const url = compiler.optionalText(node, 'base-url');
    const id = compiler.optionalText(node, 'backend-id');
    const { environment } = compiler.options;
    if ((url === undefined) === (id === undefined))
      compiler.fail(node, "exactly one of 'base-url' and 'backend-id' is required");
    const literalId = compiler.isExpression(node, 'backend-id')
      ? undefined
      : compiler.literal(node, 'backend-id');
    if (literalId !== undefined && environment.backend(literalId) === undefined) {
      compiler.fail(node, `backend with id '${literalId}' could not be found`);
    }
    const literalUrl = compiler.isExpression(node, 'base-url')
      ? undefined
      : compiler.literal(node, 'base-url');
    if (literalUrl !== undefined && !isHttpUrl(literalUrl))
      compiler.fail(node, "attribute 'base-url' must be an absolute URL");
    return async (run) => {
      const target = url === undefined ? environment.backend((await id?.(run)) ?? '')?.url : await url(run);
      if (target === undefined || !isHttpUrl(target)) {
        throw new PolicyFault({
          source: 'set-backend-service',
          reason: 'BackendConnectionFailure',
          message: 'The backend service is not known or has no absolute URL.',
          status: 500,
          clientMessage: 'Internal server error',
        });
      }
      run.request.backendBase = target;
    };
  },
};

function isHttpUrl(text: string): boolean {
  return /^https?:\/\//i.test(text) && URL.canParse(text);
}

import { issueManagedIdentityToken } from '../../entra/managed-identity-token.ts';
import type { PolicyElement } from '../policy/element.ts';
import { PolicyFault } from '../policy/fault.ts';

/** A token of the service's own identity: into a variable, or as the request's Authorization. */
export const authenticationManagedIdentity: PolicyElement = {
  name: 'authentication-managed-identity',
  sections: ['inbound'],
  attributes: {
    resource: { required: true, expression: true },
    'output-token-variable-name': {},
    'ignore-error': { type: 'boolean' },
  },
  children: [],
  compile: (node, compiler) => {
    const resource = compiler.text(node, 'resource');
    const variable = compiler.literal(node, 'output-token-variable-name');
    const ignores = compiler.boolean(node, 'ignore-error', false);
    return async (run) => {
      let token: string | null = null;
      try {
        token = (await issueManagedIdentityToken(run.fabric, run.service.id, await resource(run)))
          .access_token;
      } catch (error) {
        if (error instanceof PolicyFault) throw error;
        if (!(await ignores(run))) throw failure();
      }
      if (variable !== undefined) run.variables.set(variable, token);
      else if (token !== null) run.request.headers.set('Authorization', [`Bearer ${token}`]);
    };
  },
};

function failure(): PolicyFault {
  return new PolicyFault({
    source: 'authentication-managed-identity',
    reason: 'ManagedIdentityUnauthorized',
    message: 'Could not obtain a token of the managed identity.',
    status: 500,
    clientMessage: 'Internal server error',
  });
}

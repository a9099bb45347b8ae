import type { PolicyElement } from '../policy/element.ts';
import { PolicyFault } from '../policy/fault.ts';

/** Replaces path and query toward the backend; `{name}` takes a parameter of the operation's template. */
export const rewriteUri: PolicyElement = {
  name: 'rewrite-uri',
  sections: ['inbound'],
  attributes: {
    template: { required: true, expression: true },
    'copy-unmatched-params': { type: 'boolean', expression: true },
  },
  children: [],
  compile: (node, compiler) => {
    const readTemplate = compiler.text(node, 'template');
    const copies = compiler.boolean(node, 'copy-unmatched-params', true);
    return async (run) => {
      const { request } = run;
      const used = new Set<string>();
      const filled = (part: string, encode: (value: string) => string): string =>
        part.replace(/\{\*?([\w-]+)\}/g, (_, name: string) => {
          used.add(name);
          const value = request.matchedParameters.get(name) ?? request.query.get(name);
          if (value === null || value === undefined) throw unknownParameter(name);
          return encode(value);
        });
      // A parameter's value cannot end the path or begin another query parameter.
      const [pathTemplate = '', searchTemplate = ''] = (await readTemplate(run)).split('?', 2);
      const path = filled(pathTemplate, (value) => encodeURI(value).replace(/[?#]/g, encodeURIComponent));
      const search = filled(searchTemplate, encodeURIComponent);
      const query = new URLSearchParams(search);
      if (await copies(run)) {
        for (const [name, value] of request.query)
          if (!used.has(name) && !new URLSearchParams(search).has(name)) query.append(name, value);
      }
      request.path = path.startsWith('/') ? path : `/${path}`;
      request.query = query;
    };
  },
};

function unknownParameter(name: string): PolicyFault {
  return new PolicyFault({
    source: 'rewrite-uri',
    reason: 'ExpressionValueEvaluationFailure',
    message: `The template parameter '${name}' is not in the operation's template.`,
    status: 500,
    clientMessage: 'Internal server error',
  });
}

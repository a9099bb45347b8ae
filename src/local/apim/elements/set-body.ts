import type { Compiler, Reader } from '../policy/compiler.ts';
import type { AttributeRule, PolicyElement } from '../policy/element.ts';
import type { PolicyNode } from '../policy/parse.ts';

export const SET_BODY_ATTRIBUTES: Readonly<Record<string, AttributeRule>> = {
  template: { values: ['none', 'liquid'] },
};

/** The text a `set-body` gives; shared with `return-response`. Liquid templates are not imitated. */
export function bodyText(node: PolicyNode, compiler: Compiler): Reader<string> {
  if (compiler.literal(node, 'template') === 'liquid')
    compiler.fail(node, 'liquid templates are not supported by this gateway');
  return compiler.content(node);
}

export const setBody: PolicyElement = {
  name: 'set-body',
  // In `on-error` a body can only be given by `return-response` (API Management: policies, error handling).
  sections: ['inbound', 'backend', 'outbound'],
  attributes: SET_BODY_ATTRIBUTES,
  content: 'optional',
  compile: (node, compiler) => {
    const read = bodyText(node, compiler);
    return async (run, frame) => {
      const text = await read(run);
      const message = run.message(frame.section);
      message.body.replace(text);
    };
  },
};

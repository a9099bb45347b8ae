import { ANYWHERE, type PolicyElement } from '../policy/element.ts';
import { ResponseReturned } from '../policy/fault.ts';
import { checkAttributes, checkChildren, checkContent } from '../policy/shape.ts';
import { emptyResponse } from '../run.ts';
import { bodyText, SET_BODY_ATTRIBUTES, setBody } from './set-body.ts';
import { headerChange, SET_HEADER_ATTRIBUTES } from './set-header.ts';
import { SET_STATUS_ATTRIBUTES, statusChange } from './set-status.ts';

/**
 * Ends the pipeline with a response of its own: no outbound, no outer scope (API Management policy
 * reference).
 */
export const returnResponse: PolicyElement = {
  name: 'return-response',
  sections: ANYWHERE,
  attributes: {},
  children: ['set-status?', 'set-header*', 'set-body?'],
  compile: (node, compiler) => {
    const changes = node.children.map((child) => {
      if (child.name === 'set-status') {
        checkAttributes(compiler, child, SET_STATUS_ATTRIBUTES);
        checkChildren(compiler, child, []);
        return { status: statusChange(child, compiler) };
      }
      if (child.name === 'set-header') {
        checkAttributes(compiler, child, SET_HEADER_ATTRIBUTES);
        checkChildren(compiler, child, ['value*']);
        return { header: headerChange(child, compiler) };
      }
      checkAttributes(compiler, child, SET_BODY_ATTRIBUTES);
      checkContent(compiler, child, setBody);
      return { body: bodyText(child, compiler) };
    });
    return async (run) => {
      const response = emptyResponse();
      for (const { status, header, body } of changes) {
        await status?.(run, response);
        await header?.(run, response.headers);
        if (body !== undefined) response.body.replace(await body(run));
      }
      run.response = response;
      throw new ResponseReturned();
    };
  },
};

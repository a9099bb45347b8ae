import type { PolicyElement } from '../policy/element.ts';
import { PolicyFault } from '../policy/fault.ts';
import { checkAttributes } from '../policy/shape.ts';

export const checkHeader: PolicyElement = {
  name: 'check-header',
  sections: ['inbound'],
  attributes: {
    name: { required: true, expression: true },
    'failed-check-httpcode': { required: true, type: 'integer', expression: true },
    'failed-check-error-message': { required: true, expression: true },
    'ignore-case': { required: true, type: 'boolean', expression: true },
  },
  children: ['value*'],
  compile: (node, compiler) => {
    for (const value of node.children) checkAttributes(compiler, value, {});
    const readName = compiler.text(node, 'name');
    const readStatus = compiler.integer(node, 'failed-check-httpcode');
    const readMessage = compiler.text(node, 'failed-check-error-message');
    const ignoresCase = compiler.boolean(node, 'ignore-case', false);
    const allowed = node.children.map((value) => compiler.content(value));
    return async (run) => {
      const header = run.request.headers.text(await readName(run));
      const fold = await ignoresCase(run);
      const same = (text: string): boolean =>
        fold ? text.toLowerCase() === header?.toLowerCase() : text === header;
      let matches = allowed.length === 0;
      for (const read of allowed) matches ||= same(await read(run));
      if (header !== undefined && matches) return;
      throw new PolicyFault({
        source: 'check-header',
        reason: header === undefined ? 'HeaderNotFound' : 'HeaderValueNotAllowed',
        message: await readMessage(run),
        status: (await readStatus?.(run)) ?? 401,
      });
    };
  },
};

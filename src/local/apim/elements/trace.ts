import { ANYWHERE, type PolicyElement } from '../policy/element.ts';
import { checkAttributes } from '../policy/shape.ts';

/** Evaluated like any policy; the log names only its source, for a message may hold a token. */
export const trace: PolicyElement = {
  name: 'trace',
  sections: ANYWHERE,
  attributes: { source: { required: true }, severity: { values: ['verbose', 'information', 'error'] } },
  children: ['message?', 'metadata*'],
  content: 'optional',
  compile: (node, compiler) => {
    for (const child of node.children) {
      checkAttributes(
        compiler,
        child,
        child.name === 'metadata'
          ? { name: { required: true }, value: { required: true, expression: true } }
          : {},
      );
    }
    const readers = node.children.map((child) =>
      child.name === 'metadata' ? compiler.text(child, 'value') : compiler.content(child),
    );
    const source = compiler.literal(node, 'source') ?? '';
    return async (run) => {
      for (const read of readers) await read(run);
      run.fabric.log({ standIn: 'apim', level: 'info', text: `trace from ${source}` });
    };
  },
};

import { ANYWHERE, type PolicyElement } from '../policy/element.ts';

export const findAndReplace: PolicyElement = {
  name: 'find-and-replace',
  sections: ANYWHERE,
  attributes: { from: { required: true, expression: true }, to: { expression: true } },
  children: [],
  compile: (node, compiler) => {
    const from = compiler.text(node, 'from');
    const to = compiler.text(node, 'to');
    return async (run, frame) => {
      const { body } = run.message(frame.section);
      await run.buffer(body);
      const bytes = body.read(true);
      const search = await from(run);
      if (bytes === undefined || search === '') return;
      const replacement = await to(run);
      body.replace(new TextDecoder().decode(bytes).replaceAll(search, () => replacement));
    };
  },
};

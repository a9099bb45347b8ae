import { ANYWHERE, type PolicyElement } from '../policy/element.ts';
import { runSection } from '../policy/run-section.ts';

/** Runs the same section of the next scope outwards; of the outermost scope it runs nothing. */
export const base: PolicyElement = {
  name: 'base',
  sections: ANYWHERE,
  topLevel: true,
  once: true,
  attributes: {},
  children: [],
  compile: () => (run, frame) => runSection(run, { ...frame, level: frame.level + 1 }),
};

import type { StackContext } from './context.ts';
import { inOrder } from './engine/graph.ts';
import type { Stack } from './engine/resource.ts';
import { findersOf } from './leftovers.ts';
import { RESOURCE_KINDS } from './resources/index.ts';
import type { Tools } from './tools.ts';

/** All resources of one environment. Pure: the same context gives the same stack. */
export function buildStack(context: StackContext): Stack<Tools> {
  const resources = RESOURCE_KINDS.flatMap((kind) => kind(context));
  // Shows a missing dependency or a cycle before anything is read.
  inOrder(resources);
  return { resources, finders: findersOf(context) };
}

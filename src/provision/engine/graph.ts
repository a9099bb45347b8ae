/** Anything that must come after others. */
export interface GraphNode {
  readonly id: string;
  readonly dependsOn: readonly string[];
}

/**
 * The nodes in an order in which every one follows what it depends on; among the free ones the given order is kept.
 *
 * @throws Error when two nodes share an id, a dependency is missing, or there is a cycle: a defect of the stack
 */
export function inOrder<Node extends GraphNode>(nodes: readonly Node[]): readonly Node[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  if (byId.size !== nodes.length) throw new Error(`two resources share the id ${twice(nodes)}`);
  const ordered: Node[] = [];
  const state = new Map<string, 'open' | 'done'>();
  const visit = (node: Node, path: readonly string[]): void => {
    if (state.get(node.id) === 'done') return;
    if (state.get(node.id) === 'open') {
      throw new Error(`dependency cycle: ${[...path.slice(path.indexOf(node.id)), node.id].join(' → ')}`);
    }
    state.set(node.id, 'open');
    for (const id of node.dependsOn) {
      const dependency = byId.get(id);
      if (dependency === undefined) throw new Error(`${node.id} depends on ${id}, which is not in the stack`);
      visit(dependency, [...path, node.id]);
    }
    state.set(node.id, 'done');
    ordered.push(node);
  };
  for (const node of nodes) visit(node, []);
  return ordered;
}

function twice(nodes: readonly GraphNode[]): string {
  const seen = new Set<string>();
  return nodes.find((node) => seen.size === seen.add(node.id).size)?.id ?? '';
}

/** How the work on one node ended. */
export type WalkOutcome<Result> =
  | { readonly kind: 'done'; readonly result: Result }
  | { readonly kind: 'failed'; readonly error: unknown }
  /** Something it depends on failed or was itself not done. */
  | { readonly kind: 'blocked'; readonly by: string }
  /** The walk was stopped before its turn. */
  | { readonly kind: 'stopped' };

/**
 * Works on all nodes, dependencies first, `concurrency` at a time. After a failure the independent branches go on;
 * once the signal is aborted nothing new is started, and what runs is awaited.
 */
export async function walk<Node extends GraphNode, Result>(
  nodes: readonly Node[],
  options: { readonly concurrency: number; readonly signal: AbortSignal },
  work: (node: Node) => Promise<Result>,
): Promise<ReadonlyMap<string, WalkOutcome<Result>>> {
  const waiting = [...inOrder(nodes)];
  const outcomes = new Map<string, WalkOutcome<Result>>();
  const running = new Map<string, Promise<void>>();
  const start = (node: Node): void => {
    const run = work(node).then(
      (result) => void outcomes.set(node.id, { kind: 'done', result }),
      (error: unknown) => void outcomes.set(node.id, { kind: 'failed', error }),
    );
    running.set(
      node.id,
      run.finally(() => running.delete(node.id)),
    );
  };
  while (waiting.length > 0 || running.size > 0) {
    for (const node of [...waiting]) {
      const verdict = readiness(node, outcomes, options.signal);
      if (verdict === 'wait' || (verdict === 'go' && running.size >= options.concurrency)) continue;
      waiting.splice(waiting.indexOf(node), 1);
      if (verdict === 'go') start(node);
      else outcomes.set(node.id, verdict);
    }
    if (running.size > 0) await Promise.race(running.values());
  }
  return outcomes;
}

function readiness<Result>(
  node: GraphNode,
  outcomes: ReadonlyMap<string, WalkOutcome<Result>>,
  signal: AbortSignal,
): 'go' | 'wait' | WalkOutcome<Result> {
  const known = node.dependsOn.map((id) => [id, outcomes.get(id)] as const);
  const bad = known.find(([, outcome]) => outcome?.kind === 'failed' || outcome?.kind === 'blocked');
  if (bad !== undefined) return { kind: 'blocked', by: bad[0] };
  if (signal.aborted) return { kind: 'stopped' };
  return known.every(([, outcome]) => outcome?.kind === 'done') ? 'go' : 'wait';
}

/** The same nodes with every arrow turned round: what to destroy before what. */
export function reversed<Node extends GraphNode>(
  nodes: readonly Node[],
): readonly { id: string; dependsOn: string[]; node: Node }[] {
  return nodes.map((node) => ({
    id: node.id,
    dependsOn: nodes.filter((other) => other.dependsOn.includes(node.id)).map((other) => other.id),
    node,
  }));
}

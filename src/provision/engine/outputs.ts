import type { GraphNode } from './graph.ts';
import type { Outputs, OutputValues } from './resource.ts';
import { unknownValue } from './unknown.ts';

/** Outputs of the resources that were worked on so far. */
export class KnownOutputs {
  readonly #values = new Map<string, OutputValues | 'unknown'>();

  set(id: string, values: OutputValues | 'unknown'): void {
    this.#values.set(id, values);
  }

  /** Everything known, by resource id. */
  all(): Readonly<Record<string, OutputValues>> {
    return Object.fromEntries(
      [...this.#values].filter((entry): entry is [string, OutputValues] => entry[1] !== 'unknown'),
    );
  }

  /** The view of one resource: only what it declared to depend on, so that a missing arrow shows at once. */
  for(node: GraphNode): Outputs {
    return {
      get: (id, field) => {
        const values = node.dependsOn.includes(id) ? this.#values.get(id) : undefined;
        if (values === undefined) throw new Error(`${node.id} reads ${id}.${field} without depending on it`);
        if (values === 'unknown') return unknownValue(id, field);
        if (!(field in values)) throw new Error(`${node.id} reads ${id}.${field}, which does not exist`);
        return values[field] ?? unknownValue(id, field);
      },
    };
  }
}

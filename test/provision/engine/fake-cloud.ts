import type { Clock } from '../../../src/core/clock.ts';
import {
  changed,
  defineResource,
  type Leftover,
  type Resource,
  type Stack,
} from '../../../src/provision/engine/resource.ts';

export interface Thing {
  readonly name: string;
  readonly value: string;
  readonly owner: string;
}

/** A cloud with one kind of thing; `beforeCall` may throw to play a crash, a refusal or an outage. */
export class FakeCloud {
  readonly things = new Map<string, Thing>();
  readonly calls: string[] = [];
  beforeCall: (call: string) => void | Promise<void> = () => undefined;
  afterCall: (call: string) => void | Promise<void> = () => undefined;

  async call<T>(name: string, work: () => T): Promise<T> {
    await this.beforeCall(name);
    const result = work();
    this.calls.push(name);
    await this.afterCall(name);
    return result;
  }
}

export interface FakeTools {
  readonly cloud: FakeCloud;
  readonly clock?: Clock;
}

export interface ThingOptions {
  readonly dependsOn?: readonly string[];
  readonly value?: (outputs: { get(id: string, field: string): string }) => string;
  readonly replaces?: boolean;
  readonly containedIn?: string;
  readonly adoptable?: boolean;
}

/** A resource that puts one thing; its name is `name(outputs)`, so it can depend on unknowns. */
export function thing(id: string, options: ThingOptions = {}): Resource<FakeTools> {
  return defineResource<FakeTools, { name: string; value: string }, Thing>({
    id,
    type: 'thing',
    label: `thing ${id}`,
    dependsOn: options.dependsOn ?? [],
    ...(options.containedIn === undefined ? {} : { containedIn: options.containedIn }),
    desired: (outputs) => ({ name: id, value: options.value?.(outputs) ?? 'one' }),
    locate: (want) => want.name,
    read: ({ cloud }, want) =>
      cloud.call(`get ${want.name}`, () => {
        const have = cloud.things.get(want.name);
        if (have === undefined) return undefined;
        const ownership =
          have.owner === 'us'
            ? 'ours'
            : have.owner === 'us-adopted'
              ? 'adopted'
              : options.adoptable
                ? 'adoptable'
                : 'foreign';
        return { have, ownership };
      }),
    diff: (want, have) =>
      changed('value', have.value, want.value, options.replaces === true ? { replaces: true } : {}),
    apply: ({ cloud }, want, have) =>
      cloud.call(`put ${want.name}`, () => {
        const owner = have !== undefined && have.owner !== 'us' ? 'us-adopted' : 'us';
        const made = { ...want, owner };
        cloud.things.set(want.name, made);
        return made;
      }),
    destroy: ({ cloud }, have) =>
      cloud.call(`delete ${have.name}`, () => void cloud.things.delete(have.name)),
    detach: ({ cloud }, have) =>
      cloud.call(`detach ${have.name}`, () => void cloud.things.set(have.name, { ...have, owner: 'them' })),
    outputs: (have) => ({ address: `${have.name}:${have.value}` }),
  });
}

export function stackOf(...resources: readonly Resource<FakeTools>[]): Stack<FakeTools> {
  const finder = async ({ cloud }: FakeTools): Promise<readonly Leftover<FakeTools>[]> =>
    [...cloud.things.values()]
      .filter((have) => have.owner === 'us')
      .map((have) => ({
        id: have.name,
        type: 'thing',
        label: `thing ${have.name}`,
        destroy: (tools) =>
          tools.cloud.call(`delete ${have.name}`, () => void tools.cloud.things.delete(have.name)),
      }));
  return { resources, finders: [finder] };
}

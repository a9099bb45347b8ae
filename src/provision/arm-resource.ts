import type { ArmBody } from '../azure/arm.ts';
import { failureOf } from '../azure/failure.ts';
import {
  changed,
  defineResource,
  type FieldChange,
  type Outputs,
  type OutputValues,
  type Resource,
} from './engine/resource.ts';
import { mergeTags } from './owner.ts';
import type { Tools } from './tools.ts';

/** What is wanted of an ARM resource; members that are not named are left as they are. */
export interface ArmContent {
  readonly location?: string;
  readonly kind?: string;
  readonly sku?: Readonly<Record<string, unknown>>;
  readonly identity?: Readonly<Record<string, unknown>>;
  readonly properties: Readonly<Record<string, unknown>>;
}

interface Want {
  readonly armId: string;
  readonly content: ArmContent;
  readonly tags: Readonly<Record<string, string>>;
}

export interface ArmDefinition {
  readonly id: string;
  readonly type: string;
  /** Its name in Azure, for people. */
  readonly name: string;
  readonly dependsOn: readonly string[];
  readonly containedIn?: string;
  readonly armId: (outputs: Outputs) => string;
  readonly content: (outputs: Outputs) => ArmContent;
  /** Types without tags are ours because what contains them is. */
  readonly tagged: boolean;
  /** Paths whose change needs a new resource: `properties.tenantId`. */
  readonly replaces?: readonly string[];
  readonly budgetMs?: number;
  readonly outputs: (have: ArmBody) => OutputValues;
  /** Owner's tags for this resource. */
  readonly tags: Readonly<Record<string, string>>;
  /** Adds to the body of a creation only. */
  readonly onCreate?: (tools: Tools, armId: string) => Promise<Readonly<Record<string, unknown>>>;
  readonly destroy?: (tools: Tools, have: ArmBody) => Promise<void>;
}

/** An ordinary ARM resource: GET, compare what is wanted, PUT. */
export function armResource(definition: ArmDefinition): Resource<Tools> {
  const { id, type, name, dependsOn, containedIn, tagged } = definition;
  return defineResource<Tools, Want, ArmBody>({
    id,
    type,
    label: `${type} ${name}`,
    dependsOn,
    ...(containedIn === undefined ? {} : { containedIn }),
    desired: (outputs) => ({
      armId: definition.armId(outputs),
      content: definition.content(outputs),
      tags: tagged ? definition.tags : {},
    }),
    locate: (want) => want.armId,
    async read({ arm, owner }, want) {
      const have = await arm.get(want.armId);
      if (have === undefined) return undefined;
      return { have, ownership: !tagged || owner.owns(have.tags) ? 'ours' : 'foreign' };
    },
    diff: (want, have) => contentDiff(want.content, have, definition.replaces ?? []),
    async apply(tools, want, have) {
      const tags = mergeTags(have?.tags, want.tags);
      const extra = have === undefined ? ((await definition.onCreate?.(tools, want.armId)) ?? {}) : {};
      const { properties, ...top } = want.content;
      const body = { ...top, ...(tagged ? { tags } : {}), properties: { ...properties, ...extra } };
      const budget = definition.budgetMs === undefined ? {} : { budgetMs: definition.budgetMs };
      return tools.arm.put(want.armId, body, budget);
    },
    destroy: (tools, have) => definition.destroy?.(tools, have) ?? tools.arm.delete(have.id),
    outputs: definition.outputs,
  });
}

/** Where what is there differs from what is wanted, leaf by leaf. Members that are not wanted do not count. */
export function contentDiff(
  want: ArmContent,
  have: ArmBody,
  replaces: readonly string[],
): readonly FieldChange[] {
  const changes: FieldChange[] = [];
  const visit = (wanted: unknown, there: unknown, path: string): void => {
    if (isRecord(wanted)) {
      for (const [name, value] of Object.entries(wanted)) {
        visit(value, isRecord(there) ? there[name] : undefined, path === '' ? name : `${path}.${name}`);
      }
      return;
    }
    if (sameValue(wanted, there)) return;
    changes.push(...changed(path, there, wanted, { replaces: replaces.includes(path) }));
  };
  visit(want, have as unknown as Record<string, unknown>, '');
  const state = have.properties['provisioningState'];
  if (state === 'Failed' || state === 'Canceled')
    changes.push(...changed('provisioningState', state, 'Succeeded'));
  return changes;
}

/** ARM ids and locations come back in another case or spelling; that is no difference. */
function sameValue(wanted: unknown, there: unknown): boolean {
  if (typeof wanted !== 'string' || typeof there !== 'string') return false;
  const plain = (text: string): string => text.toLowerCase().replaceAll(' ', '');
  return plain(wanted) === plain(there);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/**
 * Undefined where the subscription may not use the provider any more: actions, unlike reads, are refused then, and
 * plan is to say that the provider comes back rather than stop.
 */
export async function unlessUnregistered<T>(work: () => Promise<T>): Promise<T | undefined> {
  try {
    return await work();
  } catch (error) {
    if (failureOf(error)?.codes.includes('MissingSubscriptionRegistration') === true) return undefined;
    throw error;
  }
}

/** A member of an answered body as text. @throws Error when Azure left it out: our belief about the body is wrong */
export function textAt(have: ArmBody, ...path: readonly string[]): string {
  let current: unknown = have;
  for (const name of path) current = isRecord(current) ? current[name] : undefined;
  if (typeof current === 'string' && current !== '') return current;
  throw new Error(`${have.id} was answered without ${path.join('.')}`);
}

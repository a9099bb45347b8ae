import { derivedUuid, shortHash } from '../core/ids.ts';

const STACK_TAG = 'smartfhir-stack';
const RESOURCE_TAG = 'smartfhir-resource';
/** On adopted things instead of the stack tag: used by the stack, not made by it. */
const ADOPTED_TAG = 'smartfhir-adopted-by';

type Tags = Readonly<Record<string, string>> | undefined;

/**
 * The marks by which a stack knows its own things: tags in ARM and Key Vault, tags of app registrations, department
 * of users, descriptions of role assignments. The stack is named by name, environment and a hash of where it lies.
 */
export class Owner {
  /** `demo/dev/1a2b3c4d` */
  readonly stack: string;
  readonly #key: string;

  constructor(name: string, env: string, subscriptionId: string, resourceGroup: string) {
    const place = shortHash(8, subscriptionId, resourceGroup.toLowerCase());
    this.stack = `${name}/${env}/${place}`;
    this.#key = `smartfhir-${name}-${env}-${place}`;
  }

  tags(resourceId: string): Record<string, string> {
    return { [STACK_TAG]: this.stack, [RESOURCE_TAG]: resourceId };
  }

  adoptedTags(): Record<string, string> {
    return { [ADOPTED_TAG]: this.stack };
  }

  owns(tags: Tags): boolean {
    return tags?.[STACK_TAG] === this.stack;
  }

  adopted(tags: Tags): boolean {
    return tags?.[ADOPTED_TAG] === this.stack;
  }

  /** Id of the resource that the tags name. */
  resourceOf(tags: Tags): string {
    return tags?.[RESOURCE_TAG] ?? 'unknown';
  }

  /** `$filter` of ARM's resource list for this stack's things. */
  armFilter(): string {
    return `tagName eq '${STACK_TAG}' and tagValue eq '${this.stack}'`;
  }

  /** One text that names stack and resource, for things that have a description or a tag list only. */
  mark(resourceId: string): string {
    return `smartfhir:${this.stack}#${resourceId}`;
  }

  /** The resource id in a mark of this stack; undefined for anything else. */
  markedResource(text: unknown): string | undefined {
    const prefix = `smartfhir:${this.stack}#`;
    return typeof text === 'string' && text.startsWith(prefix) ? text.slice(prefix.length) : undefined;
  }

  /** Alternate key of an app registration, unique in the tenant and immutable. */
  uniqueName(resourceId: string): string {
    return `${this.#key}-${resourceId.replaceAll('/', '-')}`;
  }

  /** A GUID that every run derives again. */
  guid(...parts: readonly string[]): string {
    return derivedUuid(this.#key, ...parts);
  }
}

/** Foreign tags stay, ours win. */
export function mergeTags(have: Tags, ours: Readonly<Record<string, string>>): Record<string, string> {
  return { ...have, ...ours };
}

/** The tags without any of smartfhir's. */
export function withoutOurTags(have: Tags): Record<string, string> {
  return Object.fromEntries(Object.entries(have ?? {}).filter(([name]) => !name.startsWith('smartfhir-')));
}

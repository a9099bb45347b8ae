import type { SecretFacts } from '../azure/key-vault.ts';
import {
  defineResource,
  type FieldChange,
  type Outputs,
  type OutputValues,
  type Resource,
} from './engine/resource.ts';
import type { Owner } from './owner.ts';
import { RESOURCE } from './resource-ids.ts';
import type { Tools } from './tools.ts';

export interface SecretWant {
  /** The deployer's role on the vault: before it exists the vault cannot be asked at all. */
  readonly roleId: string;
  readonly vaultUrl: string;
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  /** What the secret is made from, never the secret. */
  readonly facts: Readonly<Record<string, string>>;
}

/** A secret that is there, without its value; `published` is the part of it that is no secret. */
export interface SecretHave extends SecretFacts {
  readonly vaultUrl: string;
  /** Changes with the value: who copied it must look again. */
  readonly version: string;
  readonly published: OutputValues;
}

export interface SecretDefinition {
  readonly id: string;
  readonly label: string;
  readonly dependsOn: readonly string[];
  readonly name: (outputs: Outputs) => string;
  readonly facts?: (outputs: Outputs) => Readonly<Record<string, string>>;
  readonly tags?: Readonly<Record<string, string>>;
  /** Makes the value, and tags that say what it belongs to. Called when there is none, or it no longer fits. */
  readonly make: (tools: Tools, want: SecretWant, have: SecretHave | undefined) => Promise<MadeSecret>;
  /** Why the secret that is there does not fit any more. */
  readonly misfit?: (tools: Tools, want: SecretWant, have: SecretFacts) => Promise<readonly FieldChange[]>;
  /** The part of the value that others may know. */
  readonly publish?: (value: string) => OutputValues;
}

export interface MadeSecret {
  readonly value: string;
  readonly tags?: Readonly<Record<string, string>>;
}

interface Have extends SecretHave {
  readonly misfits: readonly FieldChange[];
}

/**
 * A secret in Key Vault that smartfhir makes. Its value is nowhere in plans: only whether it is there and fits. Reading
 * waits until the deployer's role on the vault has taken effect.
 */
export function vaultSecret(definition: SecretDefinition, owner: Owner): Resource<Tools> {
  const { id, label } = definition;
  return defineResource<Tools, SecretWant, Have>({
    id,
    type: 'secret',
    label,
    dependsOn: [RESOURCE.vault, RESOURCE.deployerVaultRole, ...definition.dependsOn],
    desired: (outputs) => ({
      roleId: outputs.get(RESOURCE.deployerVaultRole, 'id'),
      vaultUrl: outputs.get(RESOURCE.vault, 'url'),
      name: definition.name(outputs),
      tags: { ...definition.tags, ...owner.tags(id) },
      facts: definition.facts?.(outputs) ?? {},
    }),
    // A secret of something that is still to be made cannot fit yet, whatever lies in the vault.
    locate: (want) => [want.vaultUrl, want.name, want.roleId, ...Object.values(want.facts)].join(' '),
    async read(tools, want) {
      const found = await tools.untilEffective('access to the key vault', () =>
        tools.vault.get(want.vaultUrl, want.name),
      );
      if (found === undefined) return undefined;
      const facts = { name: want.name, tags: found.tags };
      const misfits = (await definition.misfit?.(tools, want, facts)) ?? [];
      const published = definition.publish?.(found.value) ?? {};
      const have = { ...facts, vaultUrl: want.vaultUrl, version: found.version, published, misfits };
      return { have, ownership: owner.owns(found.tags) ? 'ours' : 'foreign' };
    },
    diff: (want, have) => [
      ...have.misfits,
      ...Object.entries(want.tags)
        .filter(([name, value]) => have.tags[name] !== value)
        .map(
          ([name, value]): FieldChange => ({
            field: `tags.${name}`,
            from: have.tags[name] ?? null,
            to: value,
          }),
        ),
    ],
    apply: (tools, want, have) => store(tools, definition, want, have),
    destroy: ({ vault }, have) => vault.delete(have.vaultUrl, have.name),
    outputs: ({ name, vaultUrl, version, published }) => ({
      name,
      url: `${vaultUrl}secrets/${name}`,
      version,
      ...published,
    }),
  });
}

async function store(
  tools: Tools,
  definition: SecretDefinition,
  want: SecretWant,
  have: Have | undefined,
): Promise<Have> {
  const fits = have !== undefined && have.misfits.length === 0;
  const made = fits ? await kept(tools, want, have) : await definition.make(tools, want, have);
  const tags = { ...made.tags, ...want.tags };
  const { version } = await tools.untilEffective('access to the key vault', () =>
    tools.vault.set(want.vaultUrl, want.name, made.value, tags),
  );
  const published = definition.publish?.(made.value) ?? {};
  return { name: want.name, tags, vaultUrl: want.vaultUrl, version, published, misfits: [] };
}

/** The value as it is: only its tags change. */
async function kept({ vault }: Tools, want: SecretWant, have: SecretHave): Promise<MadeSecret> {
  const found = await vault.get(want.vaultUrl, want.name);
  if (found === undefined) throw new Error(`the secret ${want.name} vanished while it was changed`);
  return { value: found.value, tags: have.tags };
}

import type { Config } from '../config/config.ts';
import type { CloudFeatures } from '../core/target.ts';
import type { PolicyFile } from '../templates/template-types.ts';
import type { Account } from './account.ts';
import type { Resource } from './engine/resource.ts';
import type { Names } from './names.ts';
import type { Owner } from './owner.ts';
import type { Tools } from './tools.ts';

/** The built Function package. */
export interface FunctionPackage {
  readonly path: string;
  /** SHA-256 of the zip, hex. */
  readonly hash: string;
}

/** Everything a stack is computed from; pure data and pure functions. */
export interface StackContext {
  readonly config: Config;
  readonly account: Account;
  readonly names: Names;
  readonly owner: Owner;
  readonly features: CloudFeatures;
  readonly endpoints: { readonly fhirSuffix: string };
  readonly functionPackage: FunctionPackage;
  /** The XML of the shipped policies. */
  readonly policies: Readonly<Record<PolicyFile, string>>;
  /** The origin under which other people reach a host that ARM named. */
  readonly publicOrigin: (host: string) => string;
}

/** One kind of resource: the instances of it that a stack has. One file and one registry line each. */
export type ResourceKind = (context: StackContext) => readonly Resource<Tools>[];

/** `/subscriptions/{s}/resourceGroups/{g}` */
export function groupId({ account, names }: Pick<StackContext, 'account' | 'names'>): string {
  return `/subscriptions/${account.subscriptionId}/resourceGroups/${names.resourceGroup}`;
}

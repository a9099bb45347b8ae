import type { PolicyFormat } from './parse.ts';

/** What a policy document may refer to in its service. */
export interface PolicyEnvironment {
  /** `Consumption`, `Developer`, … */
  readonly sku: string;
  /** The text of a named value by its display name; undefined when there is none. */
  namedValue(displayName: string): string | undefined;
  fragment(id: string): { readonly document: string; readonly format: PolicyFormat } | undefined;
  backend(id: string): { readonly url: string } | undefined;
}

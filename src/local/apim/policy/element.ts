import type { Run } from '../run.ts';
import type { Compiler } from './compiler.ts';
import type { PolicyNode } from './parse.ts';

export const SECTIONS = ['inbound', 'backend', 'outbound', 'on-error'] as const;
export type Section = (typeof SECTIONS)[number];

/** All sections. */
export const ANYWHERE: readonly Section[] = SECTIONS;

/** A policy of one scope, ready to run. A missing section is an empty one: the parent's is dropped. */
export interface CompiledPolicy {
  readonly scope: Scope;
  readonly sections: Readonly<Partial<Record<Section, readonly Step[]>>>;
  /** The `cors` elements directly below `inbound`, and whether the parent's come after them. */
  readonly preflight: readonly (Step | 'base')[];
}

export type Scope = 'global' | 'api' | 'operation';

/** Where in the chain of scopes a step runs; `scopes` goes from the innermost outwards. */
export interface Frame {
  readonly section: Section;
  readonly scopes: readonly CompiledPolicy[];
  readonly level: number;
}

export type Step = (run: Run, frame: Frame) => Promise<void> | void;

export interface AttributeRule {
  readonly required?: true;
  /** A policy expression may stand here. */
  readonly expression?: true;
  readonly values?: readonly string[];
  readonly type?: 'integer' | 'boolean';
}

/** One element of the policy language: one file below `elements/`, one line in `elements.ts`. */
export interface PolicyElement {
  readonly name: string;
  readonly sections: readonly Section[];
  readonly attributes: Readonly<Record<string, AttributeRule>>;
  /** Children in their order: a name with `?` (at most one), `*`, `+`, or nothing (exactly one). */
  readonly children?: readonly string[];
  /** Text directly inside. Absent: none allowed. */
  readonly content?: 'required' | 'optional';
  /** Only directly below a section, never inside `choose`. */
  readonly topLevel?: true;
  /** At most once per section. */
  readonly once?: true;
  /** SKUs that refuse it. */
  readonly refusedBy?: readonly string[];
  compile(node: PolicyNode, compiler: Compiler): Step;
}

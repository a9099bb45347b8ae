import type { Asked } from './asked.ts';

export type Next = (request: Request) => Promise<Response>;

/** A deliberate defect between the clients and the stack, and the set of checks that must turn red. */
export interface Fault {
  readonly name: string;
  /** Which requests it concerns; a pure function. */
  on(asked: Asked): boolean;
  answer(asked: Asked, next: Next): Promise<Response>;
  /** Exactly these checks fail or warn; all others pass or lose their evidence. */
  readonly fails: readonly string[];
}

export function fault(definition: Fault): Fault {
  return definition;
}

/** One check, one fault: the most common shape. */
export function breaks(check: string, name: string, on: Fault['on'], answer: Fault['answer']): Fault {
  return { name, on, answer, fails: [check] };
}

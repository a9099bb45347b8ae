/** Where something stands in a policy document; both count from 1. */
export interface Position {
  readonly line: number;
  readonly column: number;
}

export function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset);
  const line = before.split('\n').length;
  return { line, column: offset - (before.lastIndexOf('\n') + 1) + 1 };
}

/** One reason why a policy document is refused. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly element: string;
  readonly position: Position;
  readonly reason: string;

  constructor(element: string, position: Position, reason: string) {
    super(`Error in element '${element}' on line ${position.line}, column ${position.column}: ${reason}`);
    this.element = element;
    this.position = position;
    this.reason = reason;
  }
}

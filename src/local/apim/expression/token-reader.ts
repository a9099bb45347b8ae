import type { Token } from './lexer.ts';
import { ExpressionError } from './scan.ts';

/** A place in a list of tokens. */
export class TokenReader {
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens;
  }

  peek(ahead = 0): Token {
    const last = this.#tokens.length - 1;
    return this.#tokens[Math.min(this.#next + ahead, last)] as Token;
  }

  take(): Token {
    const token = this.peek();
    this.#next += 1;
    return token;
  }

  is(text: string, ahead = 0): boolean {
    const token = this.peek(ahead);
    return token.text === text && (token.kind === 'operator' || token.kind === 'name');
  }

  /** Takes the token when it is `text`. */
  accept(text: string): boolean {
    if (!this.is(text)) return false;
    this.#next += 1;
    return true;
  }

  expect(text: string): Token {
    if (!this.is(text)) throw new ExpressionError(`${text} expected`, this.peek().at);
    return this.take();
  }

  name(): Token {
    if (this.peek().kind !== 'name') throw new ExpressionError('identifier expected', this.peek().at);
    return this.take();
  }

  /** Tries `read`; when it gives undefined, nothing was taken. */
  attempt<T>(read: () => T | undefined): T | undefined {
    const start = this.#next;
    const result = read();
    if (result === undefined) this.#next = start;
    return result;
  }
}

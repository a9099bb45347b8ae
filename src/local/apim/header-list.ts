/** Headers as policies see them: names without regard to case, several values per name, order kept. */
export class HeaderList {
  readonly #items = new Map<string, { name: string; values: string[] }>();

  static from(headers: Headers): HeaderList {
    const list = new HeaderList();
    for (const [name, value] of headers) {
      if (name !== 'set-cookie') list.set(name, [value]);
    }
    const cookies = headers.getSetCookie();
    if (cookies.length > 0) list.set('set-cookie', cookies);
    return list;
  }

  get(name: string): readonly string[] | undefined {
    return this.#items.get(name.toLowerCase())?.values;
  }

  /** The values joined with a comma, as `GetValueOrDefault` gives them. */
  text(name: string): string | undefined {
    return this.get(name)?.join(',');
  }

  set(name: string, values: readonly string[]): void {
    this.#items.set(name.toLowerCase(), { name, values: [...values] });
  }

  append(name: string, values: readonly string[]): void {
    this.set(name, [...(this.get(name) ?? []), ...values]);
  }

  delete(name: string): void {
    this.#items.delete(name.toLowerCase());
  }

  names(): string[] {
    return [...this.#items.values()].map((item) => item.name);
  }

  /** For the wire. Values that HTTP cannot carry throw a TypeError. */
  toHeaders(): Headers {
    const headers = new Headers();
    for (const { name, values } of this.#items.values()) {
      for (const value of values) headers.append(name, value);
    }
    return headers;
  }
}

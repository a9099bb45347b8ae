/** More bytes than the gateway may buffer. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge';
}

/**
 * The body of a request or response: a stream until somebody needs its content, then bytes. Reading it in an
 * expression without `preserveContent` consumes it: the next hop gets none (API Management policy
 * expressions).
 */
export class MessageBody {
  #stream: ReadableStream<Uint8Array> | null;
  #bytes: Uint8Array<ArrayBuffer> | undefined;

  constructor(content: ReadableStream<Uint8Array> | string | null) {
    this.#stream = typeof content === 'string' ? null : content;
    this.#bytes = typeof content === 'string' ? new Uint8Array(Buffer.from(content, 'utf8')) : undefined;
  }

  /** Is there anything to send or read? */
  get present(): boolean {
    return this.#stream !== null || this.#bytes !== undefined;
  }

  /** Length in bytes when known. */
  get length(): number | undefined {
    return this.#bytes?.byteLength;
  }

  /** Reads the stream into memory. @throws BodyTooLarge beyond `limit` bytes */
  async buffer(limit: number): Promise<void> {
    const stream = this.#stream;
    if (stream === null) return;
    this.#stream = null;
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of stream) {
      size += chunk.byteLength;
      if (size > limit) throw new BodyTooLarge(`more than ${limit} bytes`);
      chunks.push(chunk);
    }
    this.#bytes = new Uint8Array(Buffer.concat(chunks));
  }

  /** The buffered content; undefined when there is none or it was consumed. */
  read(preserveContent: boolean): Uint8Array | undefined {
    const bytes = this.#bytes;
    if (!preserveContent) this.#bytes = undefined;
    return bytes;
  }

  replace(text: string | null): void {
    void this.#stream?.cancel().catch(() => undefined);
    this.#stream = null;
    this.#bytes = text === null ? undefined : new Uint8Array(Buffer.from(text, 'utf8'));
  }

  /** For `new Request` or `new Response`. */
  toInit(): ReadableStream<Uint8Array> | Uint8Array<ArrayBuffer> | null {
    return this.#stream ?? this.#bytes ?? null;
  }
}

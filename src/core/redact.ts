import { createHmac, randomBytes } from 'node:crypto';

const SECRET_KEYS =
  /^(access_token|refresh_token|id_token|code|code_verifier|client_secret|client_assertion|assertion|password|passwd|pwd|secret|secrettext|token|subject_token|login_hint|id_token_hint|launch|sig|authorization|cookie|set-cookie|x-functions-key|ocp-apim-subscription-key|ctx|flowtoken|canary|csrf|d|p|q|dp|dq|qi|k)$/i;
const JWT = /eyJ[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]{5,}\.[A-Za-z0-9_-]*/g;
const SECRET_HEADERS =
  /^(authorization|proxy-authorization|cookie|set-cookie|x-functions-key|ocp-apim-subscription-key)$/i;

/** Characters from which on a key may be a secret that a server echoes; ours are shorter. */
const FOREIGN_KEY = 20;

/**
 * Takes secrets out of what is recorded: by key, by JWT shape and by registered value. The same secret becomes the
 * same pseudonym within one run, so that "the token of #31 is used in #44" stays visible.
 */
export class Redactor {
  readonly #key = randomBytes(32);
  readonly #values = new Map<string, string>();
  /** The registered forms, longest first: a secret that begins with another one must not lose only that part. */
  #ordered: readonly (readonly [form: string, pseudonym: string])[] | undefined;

  /** Registers a value that must never appear, in any encoding it is likely to take. */
  addSecret(value: string, kind = 'secret'): void {
    if (value.length < 6) return;
    const pseudonym = this.pseudonym(value, kind);
    for (const form of encodings(value)) this.#values.set(form, pseudonym);
    this.#ordered = undefined;
  }

  pseudonym(value: string, kind: string): string {
    return `‹${kind} ${createHmac('sha256', this.#key).update(value).digest('hex').slice(0, 6)}›`;
  }

  text(text: string): string {
    let result = text;
    this.#ordered ??= [...this.#values].sort(([a], [b]) => b.length - a.length);
    for (const [value, pseudonym] of this.#ordered) {
      if (result.includes(value)) result = result.replaceAll(value, pseudonym);
    }
    return result.replace(JWT, (jwt) => this.pseudonym(jwt, 'jwt'));
  }

  headers(headers: Headers): Record<string, string> {
    const result: Record<string, string> = {};
    for (const [name, value] of headers) {
      result[name] = SECRET_HEADERS.test(name) ? this.#header(name, value) : this.url(value);
    }
    return result;
  }

  /** A URL (or any text holding one): secret query and fragment parameters become pseudonyms. */
  url(url: string): string {
    const redacted = url.replace(
      /([?&#])([^=&#?\s]+)=([^&#\s]*)/g,
      (whole, sep: string, key: string, value: string) =>
        value !== '' && SECRET_KEYS.test(safeDecode(key))
          ? `${sep}${key}=${this.pseudonym(safeDecode(value), key.toLowerCase())}`
          : whole,
    );
    return this.text(redacted);
  }

  /** A form body, urlencoded. */
  form(body: string): string {
    return this.url(`?${body}`).slice(1);
  }

  /** Text of no known form: broken JSON, pairs of a form, a URL. What looks like a named secret becomes a pseudonym. */
  loose(text: string): string {
    const quoted = text.replace(
      /"([^"\\]{1,40})"(\s*:\s*)"((?:[^"\\]|\\.)*)/g,
      (whole, key: string, colon: string, value: string) =>
        value !== '' && SECRET_KEYS.test(key)
          ? `"${key}"${colon}"${this.pseudonym(value, key.toLowerCase())}`
          : whole,
    );
    return this.url(`?${quoted}`).slice(1);
  }

  /** A JSON value, by key at any depth and by value. */
  json(value: unknown): unknown {
    if (typeof value === 'string') return this.text(value);
    if (Array.isArray(value)) return value.map((item) => this.json(item));
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(
      Object.entries(value).map(([key, item]) => [
        key,
        SECRET_KEYS.test(key) && typeof item === 'string' && item !== ''
          ? this.pseudonym(item, key.toLowerCase())
          : this.json(item),
      ]),
    );
  }

  /** A JSON value whose keys are ours: registered values and JWTs are taken out of every string in it. */
  strings<T>(value: T): T {
    return mapStrings(value, (text) => this.text(text)) as T;
  }

  /** The registered values that survive in a text; empty when it is safe to write. */
  leaks(text: string): readonly string[] {
    const found = [...this.#values].filter(([value]) => text.includes(value));
    return [...new Set(found.map(([, pseudonym]) => pseudonym))];
  }

  #header(name: string, value: string): string {
    const [scheme, credential] = value.split(' ', 2);
    if (/^(bearer|basic|dpop)$/i.test(scheme ?? '') && credential !== undefined) {
      return `${scheme} ${this.pseudonym(credential, 'credential')}`;
    }
    return this.pseudonym(value, name.toLowerCase());
  }
}

function mapStrings(value: unknown, map: (text: string) => string): unknown {
  if (typeof value === 'string') return map(value);
  if (Array.isArray(value)) return value.map((item) => mapStrings(item, map));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [
      key.length < FOREIGN_KEY ? key : map(key),
      mapStrings(item, map),
    ]),
  );
}

/** As it is, as URLs and forms spell it (they differ in blanks and `!'()~`), in JSON, and in both kinds of base64. */
function encodings(value: string): readonly string[] {
  const escaped = [
    encodeURIComponent(value.toWellFormed()),
    new URLSearchParams({ v: value }).toString().slice(2),
  ];
  const base64 = Buffer.from(value).toString('base64');
  return [
    ...new Set([
      value,
      ...escaped,
      ...escaped.map((form) => form.replace(/%[0-9A-F]{2}/g, (hex) => hex.toLowerCase())),
      JSON.stringify(value).slice(1, -1),
      base64,
      base64.replace(/=+$/, ''),
      Buffer.from(value).toString('base64url'),
    ]),
  ];
}

function safeDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

import type { Wrap } from '../../src/local/router.ts';

/** JSON members and form fields that hold secrets where identities, keys and tokens are handed around. */
const SECRET_MEMBERS =
  /^(access_token|refresh_token|id_token|code|code_verifier|client_secret|client_assertion|assertion|password|passwd|secretText|launch|token|ctx|flowToken|canary|csrf|primaryKey|secondaryKey|masterKey|default|d|p|q|dp|dq|qi)$/;
const SECRET_HEADERS = ['authorization', 'cookie', 'set-cookie', 'x-functions-key', 'x-identity-header'];
/** Shorter values would be found by chance. */
const SHORTEST = 10;

/** Looks over the shoulder of every stand-in and remembers each secret that passes, with where it was seen. */
export class SecretCollector {
  readonly found = new Map<string, string>();
  /** Public by nature, also where a probe of doctor sends one as the verifier. */
  readonly #challenges = new Set<string>();

  readonly wrap: Wrap = async (standIn, request, next) => {
    const copy = request.clone();
    const response = await next(request);
    const seen = response.clone();
    const where = `${standIn} ${request.method} ${new URL(request.url).pathname}`;
    this.#headers(where, copy.headers);
    this.#headers(where, seen.headers);
    this.#query(where, request.url);
    if (standIn !== 'fhir') {
      this.#body(where, copy.headers, await copy.text());
      this.#body(where, seen.headers, await seen.text());
    }
    return response;
  };

  add(where: string, value: unknown): void {
    if (typeof value === 'string' && value.length >= SHORTEST && !this.found.has(value))
      this.found.set(value, where);
  }

  /** Every remembered secret that a text holds in plain, URL-encoded or base64 form: where it was first seen. */
  leaks(text: string, allowed: (where: string, value: string) => boolean = () => false): string[] {
    return [...this.found]
      .filter(([value]) => !this.#challenges.has(value))
      .filter(([value, where]) => !allowed(where, value) && forms(value).some((form) => text.includes(form)))
      .map(([value, where]) => `${where} (${value.length} characters, ${value.slice(0, 3)}…)`);
  }

  #headers(where: string, headers: Headers): void {
    for (const name of SECRET_HEADERS) {
      for (const value of name === 'set-cookie' ? headers.getSetCookie() : [headers.get(name) ?? '']) {
        for (const part of value.split(/[;,]\s*/)) this.#header(`${where} ${name}`, name, part);
      }
    }
    this.#query(where, headers.get('location') ?? '');
  }

  #header(where: string, name: string, value: string): void {
    const [scheme, credential] = value.split(' ', 2);
    if (/^basic$/i.test(scheme ?? '')) {
      this.add(where, credential);
      const [, secret] = Buffer.from(credential ?? '', 'base64')
        .toString()
        .split(':', 2);
      this.add(where, decodeURIComponent(secret ?? ''));
    } else if (/^bearer$/i.test(scheme ?? '')) this.add(where, credential);
    else if (name.includes('cookie')) this.add(where, value.slice(value.indexOf('=') + 1));
    else this.add(where, value);
  }

  #query(where: string, url: string): void {
    if (!URL.canParse(url, 'http://x')) return;
    for (const [name, value] of new URL(url, 'http://x').searchParams) {
      if (name === 'code_challenge') this.#challenges.add(value);
      if (SECRET_MEMBERS.test(name) || name === 'sig') this.add(`${where} ?${name}`, value);
    }
  }

  #body(where: string, headers: Headers, text: string): void {
    const type = headers.get('content-type') ?? '';
    if (type.includes('urlencoded')) {
      for (const [name, value] of new URLSearchParams(text))
        if (SECRET_MEMBERS.test(name)) this.add(`${where} ${name}`, value);
    } else if (type.includes('json') && !where.includes('/fhir')) this.#json(where, text);
  }

  #json(where: string, text: string): void {
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return;
    }
    const vault = where.startsWith('key-vault');
    const walk = (item: unknown, key: string): void => {
      if (typeof item === 'string') {
        // In JSON, `code` names an error.
        if ((SECRET_MEMBERS.test(key) && key !== 'code') || (vault && key === 'value'))
          this.add(`${where} ${key}`, item);
        if (vault && key === 'value' && item.startsWith('{')) this.#json(`${where} ${key}`, item);
      } else if (typeof item === 'object' && item !== null) {
        for (const [name, member] of Object.entries(item)) walk(member, Array.isArray(item) ? key : name);
      }
    };
    walk(value, '');
  }
}

function forms(value: string): readonly string[] {
  const base64 = Buffer.from(value).toString('base64').replace(/=+$/, '');
  return [
    ...new Set([
      value,
      encodeURIComponent(value),
      JSON.stringify(value).slice(1, -1),
      base64,
      Buffer.from(value).toString('base64url'),
    ]),
  ];
}

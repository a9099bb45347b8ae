import type { FetchLike } from '../../src/core/target.ts';

/**
 * A browser without script that knows nothing of the pages but HTML: cookies by host, redirects, forms. Written apart
 * from the driver in src, so that the two can only agree through the pages.
 */
export class FormDriver {
  readonly #fetch: FetchLike;
  readonly #cookies = new Map<string, Map<string, string>>();
  /** Titles of the pages that were shown, in order. */
  readonly titles: string[] = [];

  constructor(fetch: FetchLike) {
    this.#fetch = fetch;
  }

  /**
   * From a URL to the first URL below `until`, which is not requested.
   *
   * @param answers what to type by field name; `untick`: values of checkboxes to leave out
   */
  async walk(
    start: string,
    until: string,
    answers: Readonly<Record<string, string>>,
    untick: readonly string[] = [],
  ): Promise<URL> {
    let [url, body]: [string, URLSearchParams | undefined] = [start, undefined];
    for (let step = 0; step < 20; step += 1) {
      if (url.startsWith(until)) return new URL(url);
      const { response, text } = await this.#visit(url, body);
      const location = response.headers.get('location');
      if (location !== null) {
        [url, body] = [new URL(location, url).href, undefined];
        continue;
      }
      this.titles.push(/<title>([^<]*)/.exec(text)?.[1] ?? '');
      const action = /<form[^>]* action="([^"]+)"/.exec(text)?.[1];
      if (action === undefined) throw new Error(`${response.status} ${this.titles.at(-1)}: ${text}`);
      [url, body] = [new URL(action, url).href, fill(text, answers, untick)];
    }
    throw new Error(`pages in a circle: ${this.titles.join(', ')}`);
  }

  async #visit(
    url: string,
    body: URLSearchParams | undefined,
  ): Promise<{ response: Response; text: string }> {
    const { host } = new URL(url);
    const jar = this.#cookies.get(host) ?? new Map<string, string>();
    this.#cookies.set(host, jar);
    const cookie = [...jar].map(([name, value]) => `${name}=${value}`).join('; ');
    const init = {
      method: body === undefined ? 'GET' : 'POST',
      headers: { cookie },
      redirect: 'manual',
    } as const;
    const response = await this.#fetch(new Request(url, body === undefined ? init : { ...init, body }));
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      jar.set(name, value);
    }
    return { response, text: await response.text() };
  }
}

/** The first form as a person would send it: ticked boxes, typed fields, and the button that says yes. */
function fill(
  text: string,
  answers: Readonly<Record<string, string>>,
  untick: readonly string[],
): URLSearchParams {
  const fields = new URLSearchParams();
  for (const [tag] of text.matchAll(/<input [^>]*>/g)) {
    const [name, value] = [attribute(tag, 'name'), attribute(tag, 'value')];
    const type = attribute(tag, 'type');
    if (type === 'checkbox' && (!/ checked/.test(tag) || / disabled/.test(tag) || untick.includes(value)))
      continue;
    fields.append(name, answers[name] ?? value);
  }
  const buttons = [...text.matchAll(/<button [^>]*>/g)].map(([tag]) => tag);
  const yes = buttons.find((tag) => /^(allow|true)$/.test(attribute(tag, 'value')));
  if (yes !== undefined) fields.append(attribute(yes, 'name'), attribute(yes, 'value'));
  return fields;
}

function attribute(tag: string, name: string): string {
  const value = new RegExp(` ${name}="([^"]*)"`).exec(tag)?.[1] ?? '';
  return value.replaceAll('&quot;', '"').replaceAll('&#39;', "'").replaceAll('&amp;', '&');
}

import type { FetchLike } from '../../../src/core/target.ts';

/** A page as a scripted browser sees it. */
export interface Page {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly html: string;
}

/** A browser without script: keeps cookies, reads forms, follows no redirect. */
export class Browser {
  readonly cookies = new Map<string, string>();
  readonly #fetch: FetchLike;

  constructor(fetch: FetchLike) {
    this.#fetch = fetch;
  }

  get(url: string): Promise<Page> {
    return this.#send(url, {});
  }

  post(url: string, fields: Record<string, string>): Promise<Page> {
    return this.#send(url, { method: 'POST', body: new URLSearchParams(fields) });
  }

  /** Posts the page's form with its hidden fields and these. */
  submit(page: Page, fields: Record<string, string>): Promise<Page> {
    const action = /<form[^>]* action="([^"]+)"/.exec(page.html)?.[1] ?? '';
    return this.post(new URL(action, page.url).href, { ...hiddenFields(page), ...fields });
  }

  async #send(url: string, init: { method?: string; body?: URLSearchParams }): Promise<Page> {
    const cookie = [...this.cookies].map(([name, value]) => `${name}=${value}`).join('; ');
    const response = await this.#fetch(new Request(url, { ...init, headers: { cookie } }));
    for (const line of response.headers.getSetCookie()) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? [];
      if (/max-age=0/i.test(line)) this.cookies.delete(name);
      else this.cookies.set(name, value);
    }
    return { url, status: response.status, headers: response.headers, html: await response.text() };
  }
}

export function hiddenFields(page: Page): Record<string, string> {
  const fields = page.html.matchAll(/<input type="hidden" name="([^"]+)" value="([^"]*)"/g);
  return Object.fromEntries(
    [...fields].map(([, name, value]) => [name, (value ?? '').replaceAll('&amp;', '&')]),
  );
}

/** Where the page redirects to, as its parameters. */
export function redirected(page: Page): URLSearchParams {
  const location = page.headers.get('location');
  if (location === null) throw new Error(`no redirect but ${page.status}: ${page.html.slice(0, 2000)}`);
  const url = new URL(location);
  return url.hash === '' ? url.searchParams : new URLSearchParams(url.hash.slice(1));
}

/** The AADSTS code of an error page or of a redirect. */
export function aadsts(page: Page): string {
  const location = page.headers.get('location');
  const text = location === null ? page.html : (redirected(page).get('error_description') ?? location);
  return /AADSTS\d+/.exec(text)?.[0] ?? text;
}

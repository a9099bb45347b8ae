interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly host: string;
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
}

/** One browser's cookies, as far as sign-in pages need them (RFC 6265): domain, path, Secure, Max-Age=0. */
export class CookieJar {
  #cookies: Cookie[] = [];

  /** Takes the Set-Cookie headers of an answer from `url`. */
  store(url: string, headers: Headers): void {
    const { hostname, pathname } = new URL(url);
    for (const line of headers.getSetCookie()) this.#set(line, hostname, pathname);
  }

  /** The Cookie header for a request to `url`, or undefined when there is nothing to send. */
  header(url: string): string | undefined {
    const { hostname, pathname, protocol } = new URL(url);
    const trustworthy = protocol === 'https:' || hostname === 'localhost' || /^127\./.test(hostname);
    const fitting = this.#cookies.filter(
      (cookie) =>
        (cookie.hostOnly
          ? hostname === cookie.host
          : hostname === cookie.host || hostname.endsWith(`.${cookie.host}`)) &&
        (pathname === cookie.path ||
          pathname.startsWith(cookie.path.endsWith('/') ? cookie.path : `${cookie.path}/`)) &&
        (!cookie.secure || trustworthy),
    );
    return fitting.length === 0
      ? undefined
      : fitting.map((cookie) => `${cookie.name}=${cookie.value}`).join('; ');
  }

  #set(line: string, hostname: string, pathname: string): void {
    const [pair = '', ...attributes] = line.split(';').map((part) => part.trim());
    const at = pair.indexOf('=');
    if (at < 1) return;
    const attribute = (name: string): string | undefined =>
      attributes.find((item) => item.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1);
    const domain = attribute('domain')?.replace(/^\./, '').toLowerCase();
    if (domain !== undefined && hostname !== domain && !hostname.endsWith(`.${domain}`)) return;
    const path = attribute('path');
    const cookie: Cookie = {
      name: pair.slice(0, at),
      value: pair.slice(at + 1),
      host: domain ?? hostname,
      hostOnly: domain === undefined,
      path: path?.startsWith('/') ? path : pathname.replace(/\/[^/]*$/, '') || '/',
      secure: attributes.some((item) => item.toLowerCase() === 'secure'),
    };
    this.#cookies = this.#cookies.filter(
      (old) => old.name !== cookie.name || old.host !== cookie.host || old.path !== cookie.path,
    );
    const expired =
      attribute('max-age') === '0' ||
      (Date.parse(attribute('expires') ?? '') || Number.POSITIVE_INFINITY) <= 1;
    if (!expired && cookie.value !== '') this.#cookies.push(cookie);
  }
}

import { systemClock } from '../../core/clock.ts';

interface Cookie {
  readonly name: string;
  readonly value: string;
  readonly host: string;
  readonly hostOnly: boolean;
  readonly path: string;
  readonly secure: boolean;
}

/** One browser's cookies, as far as sign-in pages need them (RFC 6265): domain, path, Secure, expiry. */
export class CookieJar {
  #cookies: Cookie[] = [];

  /** Takes the Set-Cookie headers of an answer from `url`. */
  store(url: string, headers: Headers): void {
    const { hostname, pathname } = new URL(url);
    // A cookie is as old as its server's clock says.
    const now = Date.parse(headers.get('date') ?? '') || systemClock.now();
    for (const line of headers.getSetCookie()) this.#set(line, hostname, pathname, now);
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

  #set(line: string, hostname: string, pathname: string, now: number): void {
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
    // RFC 6265 section 5.3: Max-Age wins over Expires.
    const maxAge = /^-?\d+$/.exec(attribute('max-age') ?? '');
    const expires = Date.parse(attribute('expires') ?? '');
    const expired = maxAge === null ? expires <= now : Number(maxAge[0]) <= 0;
    if (!expired && cookie.value !== '') this.#cookies.push(cookie);
  }
}

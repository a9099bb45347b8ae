import { type Asked, authorizeParameters, breaks, type Fault, html, isAuthorize } from '../fault.ts';

/** A request of the sign-in walk that stays with the gateway. */
const isWalk = (asked: Asked): boolean =>
  asked.path.startsWith('/auth/') &&
  asked.authorization === undefined &&
  !/token|introspect|revoke|launch/.test(asked.path);

/** The real page with headers taken away. */
function page(...names: readonly string[]): Fault['answer'] {
  return async (asked, next) => {
    const response = await next(asked.request);
    if (!(response.headers.get('content-type') ?? '').includes('html') || response.status !== 200)
      return response;
    const headers = new Headers(response.headers);
    for (const name of names) headers.delete(name);
    return new Response(response.body, { status: 200, headers });
  };
}

export const securityFaults: readonly Fault[] = [
  breaks(
    'security/framing',
    'the choice page can be framed',
    isWalk,
    page('x-frame-options', 'content-security-policy'),
  ),
  breaks('security/referrer', 'the choice page leaks its address', isWalk, page('referrer-policy')),
  breaks(
    'security/redirect-after-post',
    'a posted form is sent on with 307',
    (asked) =>
      (isWalk(asked) && asked.method === 'POST' && !isAuthorize(asked)) ||
      asked.memory.notes.has(`moved ${asked.url.href}`),
    async (asked, next) => {
      if (asked.memory.notes.delete(`moved ${asked.url.href}`)) {
        const headers = new Headers(asked.request.headers);
        headers.delete('content-type');
        return await next(new Request(asked.url, { headers, redirect: 'manual' }));
      }
      const response = await next(asked.request);
      const location = response.headers.get('location');
      if (location === null || response.status < 300) return response;
      asked.memory.notes.set(`moved ${new URL(location, asked.url).href}`, 'once');
      return new Response(null, { status: 307, headers: response.headers });
    },
  ),
  breaks(
    'security/error-page',
    'error pages repeat the request as it is',
    (asked) => authorizeParameters(asked)?.get('client_id')?.includes('<script>') === true,
    async (asked) =>
      html(400, `<html><body>unknown client ${authorizeParameters(asked)?.get('client_id')}</body></html>`),
  ),
];

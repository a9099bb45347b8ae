import { html } from '../answers.ts';
import type { Asked } from '../asked.ts';
import { breaks, type Fault } from '../fault.ts';
import { authorizeParameters, isAuthorize } from '../requests.ts';
import { redirect } from './authorizing.ts';

/** A page that a browser is shown on its way through the gateway. */
const isPage = (asked: Asked): boolean => /^\/auth\/(authorize|signed-in|choose|callback)$/.test(asked.path);
const isCallback = (asked: Asked): boolean => asked.path === '/auth/callback';
const isSignInForm = (asked: Asked): boolean => asked.method === 'POST' && asked.path.endsWith('/login');

/** The real page with changed headers. */
function page(change: (headers: Headers) => void): Fault['answer'] {
  return async (asked, next) => {
    const response = await next(asked.request);
    if (!(response.headers.get('content-type') ?? '').includes('html')) return response;
    const headers = new Headers(response.headers);
    change(headers);
    return new Response(response.body, { status: response.status, headers });
  };
}

const moved = (url: string): string => `moved ${url}`;

function withoutBody(headers: Headers): Headers {
  const changed = new Headers(headers);
  for (const name of ['content-type', 'content-length']) changed.delete(name);
  return changed;
}

/** An error page that says more than it should. */
function errorPage(addition: (asked: Asked) => string): Fault['answer'] {
  return async (asked, next) => {
    const response = await next(asked.request);
    if (response.status < 400) return response;
    return html(response.status, `${await response.text()}<p>${addition(asked)}</p>`);
  };
}

export const securityFaults: readonly Fault[] = [
  breaks(
    'security/framing',
    'the choice page can be framed',
    isPage,
    page((headers) => {
      headers.delete('x-frame-options');
      const policy = headers.get('content-security-policy') ?? '';
      headers.set('content-security-policy', policy.replace(/;\s*frame-ancestors[^;]*/, ''));
    }),
  ),
  breaks(
    'security/framing',
    'every site may frame the choice page',
    isPage,
    page((headers) => {
      headers.delete('x-frame-options');
      headers.set('content-security-policy', 'frame-ancestors *');
    }),
  ),
  breaks(
    'security/referrer',
    'the choice page has no Referrer-Policy',
    isPage,
    page((headers) => headers.delete('referrer-policy')),
  ),
  breaks(
    'security/referrer',
    'the choice page sends its address to every https site',
    isPage,
    page((headers) => headers.set('referrer-policy', 'no-referrer-when-downgrade')),
  ),
  breaks(
    'security/redirect-after-post',
    'the posted password is passed on with 307',
    isSignInForm,
    async (asked, next) => {
      const { status, headers, body } = await next(asked.request);
      return new Response(body, { status: status === 302 ? 307 : status, headers });
    },
  ),
  breaks(
    'security/redirect-after-post',
    'the choice is passed on with 307, and taken',
    (asked) => asked.path === '/auth/choose' || asked.memory.notes.has(moved(asked.url.href)),
    async (asked, next) => {
      if (asked.memory.notes.delete(moved(asked.url.href)))
        return next(new Request(asked.url, { headers: withoutBody(asked.request.headers) }));
      const { status, headers, body } = await next(asked.request);
      if (status !== 303) return new Response(body, { status, headers });
      asked.memory.notes.set(moved(new URL(headers.get('location') ?? '', asked.url).href), 'once');
      return new Response(body, { status: 307, headers });
    },
  ),
  breaks(
    'security/error-page',
    'error pages repeat the request as it is',
    isAuthorize,
    errorPage((asked) => `unknown client ${authorizeParameters(asked)?.get('client_id')}`),
  ),
  breaks(
    'security/error-page',
    'error pages show where the server broke',
    isAuthorize,
    errorPage(() => 'Error: unknown client at checkClient (/home/site/wwwroot/main.js:12:34)'),
  ),
  breaks(
    'security/issuer-returned',
    'the redirect does not name its issuer',
    isCallback,
    redirect(
      (query) => query.delete('iss'),
      (query) => query.has('code'),
    ),
  ),
  breaks(
    'security/issuer-returned',
    'the redirect names another issuer than the configuration',
    isCallback,
    redirect(
      (query) => query.set('iss', 'https://issuer.example.org'),
      (query) => query.has('code'),
    ),
  ),
];

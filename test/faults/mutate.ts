import type { Passage } from './fault.ts';

/** Ways to disturb an exchange that many faults share. Each answers undefined for requests that are not meant. */

/** Does the passage go to the gateway (API Management), to a path that ends so? */
export function atGateway({ standIn, url }: Passage, path: string | RegExp): boolean {
  if (standIn !== 'apim') return false;
  return typeof path === 'string' ? url.pathname.endsWith(path) : path.test(url.pathname);
}

/** The answer with a changed JSON body. */
export async function withJson(
  response: Response,
  change: (body: Record<string, unknown>) => unknown,
): Promise<Response> {
  const text = await response.text();
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    return new Response(text, { status: response.status, headers });
  }
  const changed = change(body as Record<string, unknown>) ?? body;
  return new Response(JSON.stringify(changed), { status: response.status, headers });
}

/** The answer with changed headers. */
export function withHeaders(response: Response, change: (headers: Headers) => void): Response {
  const headers = new Headers(response.headers);
  change(headers);
  return new Response(response.body, { status: response.status, headers });
}

/** The form of a request, and the same request with a changed form. */
export async function formOf(request: Request): Promise<URLSearchParams> {
  return new URLSearchParams(await request.clone().text());
}

export function withForm(request: Request, form: URLSearchParams): Request {
  const headers = new Headers(request.headers);
  headers.delete('content-length');
  return new Request(request.url, { method: request.method, headers, body: form.toString() });
}

/** The same request at another URL. */
export function withUrl(request: Request, change: (url: URL) => void): Request {
  const url = new URL(request.url);
  change(url);
  return new Request(url, request);
}

/** Entra's or the gateway's JWT with changed claims; its signature no longer fits. */
export function withClaims(jwt: string, change: (claims: Record<string, unknown>) => void): string {
  const [header = '', payload = '', signature = ''] = jwt.split('.');
  const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as Record<string, unknown>;
  change(claims);
  return `${header}.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.${signature}`;
}

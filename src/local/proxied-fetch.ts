import { Readable } from 'node:stream';
import type { ReadableStream as NodeReadableStream } from 'node:stream/web';
import { ProxyAgent } from 'undici';
import type { FetchLike } from '../core/target.ts';
import { HOP_BY_HOP } from './node-http.ts';

/** A fetch through an HTTP proxy with one CA. Never follows redirects. */
export function proxiedFetch(
  proxyUrl: string,
  authorityPem: string,
): { fetch: FetchLike; close: () => Promise<void> } {
  const agent = new ProxyAgent({
    uri: proxyUrl,
    proxyTunnel: true,
    requestTls: { ca: authorityPem, allowH2: false },
    allowH2: false,
  });
  const fetch: FetchLike = async (request) => {
    const url = new URL(request.url);
    const answer = await agent.request({
      origin: url.origin,
      path: `${url.pathname}${url.search}`,
      method: request.method as 'GET',
      headers: Object.fromEntries(request.headers),
      body: request.body === null ? null : Readable.fromWeb(request.body as NodeReadableStream),
      signal: request.signal,
    });
    const headers = new Headers();
    for (const [name, value] of Object.entries(answer.headers)) {
      if (value === undefined || HOP_BY_HOP.has(name)) continue;
      for (const item of Array.isArray(value) ? value : [value]) headers.append(name, item);
    }
    const bodyless = [204, 205, 304].includes(answer.statusCode) || request.method === 'HEAD';
    if (bodyless) await answer.body.dump();
    return new Response(bodyless ? null : (Readable.toWeb(answer.body) as ReadableStream), {
      status: answer.statusCode,
      headers,
    });
  };
  return { fetch, close: () => agent.destroy() };
}

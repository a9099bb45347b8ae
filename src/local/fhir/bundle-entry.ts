import { badRequest } from './fhir-error.ts';
import type { Interaction } from './interaction.ts';

/** One entry of a batch or transaction, taken apart. */
export interface BundleEntry {
  readonly index: number;
  readonly method: string;
  readonly url: string;
  readonly fullUrl: string | undefined;
  readonly headers: Headers;
  readonly resource: unknown;
  /** The id a POST will get, so that others can refer to it beforehand. */
  readonly newId: string;
}

/**
 * The interaction an entry stands for, with the rights of the bundle's caller.
 *
 * @throws FhirError 400 for URLs that are none, or lead elsewhere
 */
export function entryInteraction(
  interaction: Interaction,
  request: { readonly method: string; readonly url: string; readonly headers: Headers },
  body?: unknown,
): Interaction {
  const { base } = interaction.store;
  const { url, path } = placeOf(request.url, base);
  return {
    ...interaction,
    method: request.method,
    path,
    query: [...url.searchParams],
    headers: request.headers,
    body,
    url: url.href,
    inBundle: true,
  };
}

function placeOf(text: string, base: string): { url: URL; path: string[] } {
  try {
    const url = new URL(text.replace(/^\//, ''), `${base}/`);
    const parts = url.pathname.split('/').filter((part) => part !== '');
    if (url.origin === new URL(base).origin)
      return { url, path: parts.map((part) => decodeURIComponent(part)) };
  } catch {
    // Falls through: no URL at all, or one that is badly encoded.
  }
  throw badRequest(`The route for "${text}" was not found.`);
}

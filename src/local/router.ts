import { messageOf } from '../core/errors.ts';
import type { FetchLike } from '../core/target.ts';
import type { FailurePlan, StandIn } from './fabric.ts';

/** A stand-in in its place: the host names it claims itself, and the plain-HTTP origins that lead to it. */
export interface Mounted {
  readonly standIn: StandIn;
  /** `http://localhost:8600`, as `URL.origin` spells it. */
  readonly origins: readonly string[];
}

/** Sees every request before its stand-in does; tests inject faults here. */
export type Wrap = (
  standIn: string,
  request: Request,
  next: (request: Request) => Promise<Response>,
) => Promise<Response>;

/** One answered (or failed) request. Never holds a query string, a header or a body. */
export interface RequestLine {
  readonly at: string;
  readonly standIn: string;
  readonly method: string;
  readonly host: string;
  readonly path: string;
  readonly status: number | null;
  readonly ms: number;
  readonly error?: string;
}

export interface RouterOptions {
  /** Asked per request, since stand-ins are made after the router they use. */
  readonly mounted: () => readonly Mounted[];
  readonly now: () => number;
  readonly onRequest: (line: RequestLine) => void;
  /** A stand-in threw. */
  readonly onDefect: (standIn: string, text: string) => void;
  readonly wrap?: Wrap | undefined;
  readonly failures?: FailurePlan | undefined;
}

export interface Router {
  readonly fetch: FetchLike;
  /** Who answers for this URL's host, if anyone. */
  owner(url: URL): StandIn | undefined;
}

/**
 * Leads each request to the stand-in that owns its host. Azure hosts answer on https and the default port only; the
 * plain-HTTP origins only exactly as they are. A host nobody owns fails as an unknown name fails on the network.
 */
export function createRouter(options: RouterOptions): Router {
  const owner = (url: URL): StandIn | undefined => {
    if (url.protocol === 'http:')
      return options.mounted().find((item) => item.origins.includes(url.origin))?.standIn;
    if (url.protocol !== 'https:' || url.port !== '') return undefined;
    return options.mounted().find((item) => item.standIn.serves(url.hostname))?.standIn;
  };
  const fetch: FetchLike = async (request) => {
    const url = new URL(request.url);
    const standIn = owner(url);
    const started = options.now();
    const line = (status: number | null, error?: string): void =>
      options.onRequest({
        at: new Date(started).toISOString(),
        standIn: standIn?.name ?? 'router',
        method: request.method,
        host: url.host,
        path: url.pathname,
        status,
        ms: options.now() - started,
        ...(error === undefined ? {} : { error }),
      });
    if (standIn === undefined) {
      line(null, 'unknown host');
      throw unknownHost(url);
    }
    const host = request.headers.get('host');
    if (host !== null && host.toLowerCase() !== url.host) {
      line(421, 'Host header names another host');
      return new Response('Misdirected Request', { status: 421 });
    }
    try {
      const response = await answer(standIn, request, options);
      line(response.status);
      return response;
    } catch (error) {
      line(null, messageOf(error));
      throw error;
    }
  };
  return { fetch, owner };
}

async function answer(standIn: StandIn, request: Request, options: RouterOptions): Promise<Response> {
  const planned = options.failures?.(standIn.name, request);
  if (planned !== undefined) return planned;
  const next = (passed: Request): Promise<Response> => answerOrFail(standIn, passed, options);
  return options.wrap === undefined ? next(request) : options.wrap(standIn.name, request, next);
}

/** A defect of a stand-in shows as the 500 of a service, and its reason in the log. */
async function answerOrFail(standIn: StandIn, request: Request, options: RouterOptions): Promise<Response> {
  try {
    return await standIn.fetch(request);
  } catch (error) {
    if (request.signal.aborted) throw error;
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    options.onDefect(standIn.name, text);
    return new Response('Internal Server Error', { status: 500 });
  }
}

/** What Node's fetch throws for a name that does not resolve. */
function unknownHost(url: URL): TypeError {
  const cause = Object.assign(
    new Error(`getaddrinfo ENOTFOUND ${url.host} (not a host of the laptop cloud)`),
    {
      code: 'ENOTFOUND',
      hostname: url.hostname,
    },
  );
  return new TypeError('fetch failed', { cause });
}

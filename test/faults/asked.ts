import type { ServerProfile } from '../../src/smart/server-profile.ts';
import type { Memory } from './memory.ts';

/** A request as a fault looks at it. */
export interface Asked {
  readonly request: Request;
  readonly url: URL;
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  /** The body of a form request, else empty. */
  readonly form: URLSearchParams;
  readonly text: string;
  /** Client id of HTTP Basic, or of the form. */
  readonly clientId: string | undefined;
  readonly basicSecret: string | undefined;
  /** Claims of a bearer JWT, unverified. */
  readonly bearer: Readonly<Record<string, unknown>> | undefined;
  /** `Bearer …`, whatever it is. */
  readonly authorization: string | undefined;
  readonly memory: Memory;
  readonly profile: ServerProfile;
}

export async function readAsked(request: Request, memory: Memory, profile: ServerProfile): Promise<Asked> {
  const url = new URL(request.url);
  const text = await request.clone().text();
  const isForm = (request.headers.get('content-type') ?? '').includes('x-www-form-urlencoded');
  const form = new URLSearchParams(isForm ? text : '');
  const authorization = request.headers.get('authorization') ?? undefined;
  const basic = /^Basic (.+)$/i.exec(authorization ?? '')?.[1];
  const [id, secret] =
    basic === undefined ? [] : Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent);
  return {
    request,
    url,
    method: request.method,
    path: url.pathname,
    query: url.searchParams,
    form,
    text,
    clientId: id ?? form.get('client_id') ?? undefined,
    basicSecret: secret,
    bearer: claimsOf(/^Bearer (.+)$/i.exec(authorization ?? '')?.[1]),
    authorization,
    memory,
    profile,
  };
}

export function claimsOf(token: string | undefined): Readonly<Record<string, unknown>> | undefined {
  const part = token?.split('.')[1];
  if (part === undefined) return undefined;
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}

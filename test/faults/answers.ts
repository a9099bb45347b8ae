import type { Asked } from './asked.ts';
import type { Fault } from './fault.ts';
import { authorizeParameters } from './requests.ts';

export function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  });
}

export function fhir(status: number, body: unknown): Response {
  return json(status, body, { 'content-type': 'application/fhir+json' });
}

export function html(status: number, body: string, headers: Record<string, string> = {}): Response {
  return new Response(body, { status, headers: { 'content-type': 'text/html', ...headers } });
}

/** The real answer with its JSON body changed. */
export function patch(change: (body: Record<string, unknown>, asked: Asked) => unknown): Fault['answer'] {
  return async (asked, next) => {
    const response = await next(asked.request);
    const text = await response.text();
    let body: Record<string, unknown>;
    try {
      body = JSON.parse(text) as Record<string, unknown>;
    } catch {
      return new Response(text, response);
    }
    const changed = change(body, asked) ?? body;
    return rebuilt(response, JSON.stringify(changed));
  };
}

/** The real answer with headers set, or removed when undefined. */
export function withHeaders(changes: Record<string, string | undefined>): Fault['answer'] {
  return async (asked, next) => {
    const response = await next(asked.request);
    const headers = new Headers(response.headers);
    for (const [name, value] of Object.entries(changes)) {
      if (value === undefined) headers.delete(name);
      else headers.set(name, value);
    }
    return new Response(response.body, { status: response.status, headers });
  };
}

/** The real answer, unless it is a refusal: then this one. */
export function insteadOfRefusal(make: (asked: Asked) => Response): Fault['answer'] {
  return async (asked, next) => {
    const response = await next(asked.request);
    return response.status >= 400 ? make(asked) : response;
  };
}

export function rebuilt(response: Response, body: string): Response {
  const headers = new Headers(response.headers);
  headers.delete('content-length');
  return new Response(body, { status: response.status, headers });
}

/** An authorization response with a code that nobody checks further. */
export function redirectWithCode(asked: Asked): Response {
  const parameters = authorizeParameters(asked) ?? new URLSearchParams();
  const fallback = asked.profile.clients['patient-confidential']?.redirectUri ?? 'https://app.example.org/';
  const url = new URL(parameters.get('redirect_uri') ?? fallback);
  url.searchParams.set('code', 'a-code-that-should-not-be');
  const state = parameters.get('state');
  if (state !== null) url.searchParams.set('state', state);
  return new Response(null, { status: 302, headers: { location: url.href } });
}

/** A token response that should not be. */
export function tokenAnyway(): Response {
  const body = {
    access_token: 'a-token-that-should-not-be',
    token_type: 'Bearer',
    expires_in: 300,
    scope: 'openid',
  };
  return json(200, body, { 'cache-control': 'no-store', pragma: 'no-cache' });
}

export function oauthError(status: number, error: string): Response {
  return json(status, { error }, { 'cache-control': 'no-store', pragma: 'no-cache' });
}

/** A search result with one observation of this patient. */
export function observationsOf(patient: string): Response {
  const resource = {
    resourceType: 'Observation',
    id: 'leaked',
    subject: { reference: `Patient/${patient}` },
  };
  return fhir(200, { resourceType: 'Bundle', type: 'searchset', total: 1, entry: [{ resource }] });
}

import { exchange } from '../../core/http.ts';
import type { JsonObject } from '../../smart/granular.ts';
import type { Gateway } from '../context.ts';
import { FhirError } from '../fhir-error.ts';
import { fhirBase } from '../settings.ts';

const BUDGET_MS = 60_000;
const BODY_LIMIT_BYTES = 32 * 1024 * 1024;
const FHIR_JSON = 'application/fhir+json';
const FORM = 'application/x-www-form-urlencoded';
/** What may pass from the FHIR service to the client. */
const PASSED_HEADERS = ['etag', 'last-modified', 'retry-after', 'x-progress', 'x-request-id'];

export interface BackendRequest {
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** Below the FHIR base, without a leading slash; the query is separate. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly token: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface BackendAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** Own links already name the public base; null when the body is empty. */
  readonly json: JsonObject | null;
}

/** One exchange with the FHIR service under the caller's own token. Always JSON: what cannot be read cannot be guarded. */
export async function askBackend(gateway: Gateway, request: BackendRequest): Promise<BackendAnswer> {
  const post = request.method === 'POST';
  const query = request.query.toString();
  const target = `${gateway.settings.fhirUrl}/${request.path}${!post && query !== '' ? `?${query}` : ''}`;
  const answer = await exchange(
    gateway.fetch,
    new Request(target, {
      method: request.method,
      redirect: 'manual',
      headers: {
        accept: FHIR_JSON,
        authorization: `Bearer ${request.token}`,
        ...(post ? { 'content-type': FORM } : {}),
        ...request.headers,
      },
      ...(post ? { body: query } : {}),
    }),
    { budgetMs: BUDGET_MS, bodyLimitBytes: BODY_LIMIT_BYTES },
  );
  return { status: answer.status, headers: answer.headers, json: parse(gateway, answer.text) };
}

function parse(gateway: Gateway, text: string): JsonObject | null {
  if (text.trim() === '') return null;
  try {
    return JSON.parse(publicUrls(gateway, text)) as JsonObject;
  } catch {
    throw new FhirError(502, 'exception', 'the FHIR service answered something that is not JSON');
  }
}

/** Every URL of the FHIR service in a text becomes the one clients use. */
function publicUrls(gateway: Gateway, text: string): string {
  const { fhirUrl } = gateway.settings;
  if (!text.includes(fhirUrl)) return text;
  const pattern = new RegExp(`${fhirUrl.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?=[/"?#]|$)`, 'g');
  return text.replace(pattern, () => fhirBase(gateway.settings));
}

/** The client's answer made of the service's status and headers and a (filtered) body. */
export function fhirResponse(gateway: Gateway, answer: BackendAnswer, json = answer.json): Response {
  const headers = new Headers({ 'cache-control': 'no-store' });
  for (const name of PASSED_HEADERS) {
    const value = answer.headers.get(name);
    if (value !== null) headers.set(name, value);
  }
  for (const name of ['location', 'content-location']) {
    const value = answer.headers.get(name);
    if (value !== null) headers.set(name, publicUrls(gateway, value));
  }
  // Ours was satisfied, so the service's configuration differs: the client hears it in the same words.
  if (answer.status === 401)
    headers.set('www-authenticate', 'Bearer realm="smartfhir", error="invalid_token"');
  if (json === null) return new Response(null, { status: answer.status, headers });
  headers.set('content-type', `${FHIR_JSON}; charset=utf-8`);
  return new Response(JSON.stringify(json), { status: answer.status, headers });
}

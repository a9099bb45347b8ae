import { AadError } from './aadsts.ts';

/** Parameters of one request, each at most once. */
export type Parameters = ReadonlyMap<string, string>;

/** Entra refuses longer queries (AADSTS90015). Characters. */
const QUERY_LIMIT = 8192;
/** Bytes of a form body. */
const BODY_LIMIT = 65_536;

/** @throws AadError 90015 when too long, 90100-like 9002313 when a parameter is repeated */
export function queryParameters(url: string): Parameters {
  const { search } = new URL(url);
  if (search.length > QUERY_LIMIT) throw new AadError(90015, 'Requested query string is too long.');
  return once(new URLSearchParams(search));
}

/** @throws AadError 9002313 when the body is no form, too large, or repeats a parameter */
export async function formParameters(request: Request): Promise<Parameters> {
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type)) throw malformed();
  const declared = Number(request.headers.get('content-length') ?? 0);
  if (declared > BODY_LIMIT) throw malformed();
  return once(new URLSearchParams(await limitedText(request)));
}

/** @throws AadError 900144 */
export function required(parameters: Parameters, name: string): string {
  const value = parameters.get(name);
  if (value === undefined || value === '') {
    throw new AadError(900144, `The request body must contain the following parameter: '${name}'.`);
  }
  return value;
}

function once(search: URLSearchParams): Parameters {
  const parameters = new Map<string, string>();
  for (const [name, value] of search) {
    if (parameters.has(name)) throw malformed();
    parameters.set(name, value);
  }
  return parameters;
}

async function limitedText(request: Request): Promise<string> {
  if (request.body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > BODY_LIMIT) throw malformed();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function malformed(): AadError {
  return new AadError(9002313, 'Invalid request. Request is malformed or invalid.');
}

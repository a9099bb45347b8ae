import { OAuthError } from './oauth-error.ts';

/** A form of ours or of a client: the longest scope lists need about 8 kB, assertions a few. */
const FORM_LIMIT_BYTES = 64 * 1024;
const FORM_TYPE = 'application/x-www-form-urlencoded';

/** The body as text. Refused when it is longer than the limit. */
export async function readText(request: Request, limitBytes = FORM_LIMIT_BYTES): Promise<string> {
  if (request.body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body) {
    size += chunk.byteLength;
    if (size > limitBytes)
      throw new OAuthError('invalid_request', 'the request body is too large', { status: 413 });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The parameters of a form body; another content type is refused. */
export async function readForm(request: Request): Promise<URLSearchParams> {
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase();
  if (type !== FORM_TYPE) throw new OAuthError('invalid_request', `the body must be ${FORM_TYPE}`);
  return new URLSearchParams(await readText(request));
}

/** RFC 6749 section 3.1: a parameter must not appear more than once, and one without a value counts as omitted. */
export function once(parameters: URLSearchParams, name: string): string | undefined {
  const [value, ...rest] = parameters.getAll(name);
  if (rest.length > 0)
    throw new OAuthError('invalid_request', `the parameter ${name} appears more than once`);
  return value === '' ? undefined : value;
}

/** Refuses the request when any parameter that is listed appears twice. */
export function refuseDuplicates(parameters: URLSearchParams, names: readonly string[]): void {
  for (const name of names) once(parameters, name);
}

export function required(parameters: URLSearchParams, name: string): string {
  const value = once(parameters, name);
  if (value === undefined) throw new OAuthError('invalid_request', `the parameter ${name} is missing`);
  return value;
}

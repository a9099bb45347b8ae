import { badRequest, FhirError } from './fhir-error.ts';

/** Larger requests are refused. */
const BODY_LIMIT_BYTES = 50 * 1024 * 1024;

/** Arrays and objects inside one another. */
const DEEPEST = 200;

const FHIR_JSON = ['application/fhir+json', 'application/json'];

/**
 * The body of a write as JSON, or the form of a POST search as pairs.
 *
 * @throws FhirError 400, 413, 415
 */
export async function requestBody(
  request: Request,
  path: readonly string[],
): Promise<{ readonly body: unknown; readonly form: readonly (readonly [string, string])[] }> {
  if (request.method === 'GET' || request.method === 'DELETE' || request.method === 'HEAD')
    return { body: undefined, form: [] };
  const header = request.headers.get('content-type');
  if (header === null) throw mediaType('The "content-type" header is required.');
  const type = (header.split(';')[0] ?? '').trim().toLowerCase();
  if (path.at(-1) === '_search') {
    if (type !== 'application/x-www-form-urlencoded') {
      throw mediaType(`The "content-type" header must be 'application/x-www-form-urlencoded'.`);
    }
    return { body: undefined, form: [...new URLSearchParams(await limitedText(request))] };
  }
  const allowed =
    request.method === 'PATCH'
      ? ['application/json-patch+json', 'application/json', ...FHIR_JSON]
      : FHIR_JSON;
  if (!allowed.includes(type))
    throw mediaType(`Value supplied, ${type},  for the "Content-Type" header is not supported.`);
  if (request.method === 'PATCH' && type === 'application/fhir+json') {
    throw new FhirError(501, 'not-supported', 'FHIRPath Patch is not imitated by this stand-in.');
  }
  const text = await limitedText(request);
  if (text.trim() === '') {
    if (request.method === 'PATCH') throw badRequest("Error patching resource: 'the patch is empty'");
    throw badRequest("Error occurred when parsing model: 'the body is empty'.");
  }
  return { body: checkDepth(parsed(text)), form: [] };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw badRequest("Error occurred when parsing model: 'the body is not JSON'.");
  }
}

/**
 * Whatever walks a body afterwards may recurse.
 *
 * @throws FhirError 400
 */
export function checkDepth(body: unknown): unknown {
  let level: unknown[] = [body];
  for (let depth = 0; level.length > 0; depth++) {
    if (depth > DEEPEST) throw badRequest("Error occurred when parsing model: 'nested too deeply'.");
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return body;
}

async function limitedText(request: Request): Promise<string> {
  if (request.body === null) return '';
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body as ReadableStream<Uint8Array>) {
    size += chunk.byteLength;
    if (size > BODY_LIMIT_BYTES) throw new FhirError(413, 'invalid', 'The request body is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** The service writes JSON only. @throws FhirError 406 */
export function checkAccept(headers: Headers, query: readonly (readonly [string, string])[]): void {
  const format = query.find(([name]) => name === '_format')?.[1];
  if (format !== undefined) {
    if (['json', ...FHIR_JSON].includes(format.replace(' ', '+'))) return;
    throw new FhirError(406, 'not-supported', 'The requested "_format" parameter is not supported.');
  }
  const accept = headers.get('accept');
  if (accept === null || accept === '') return;
  const wanted = accept.split(',').map((item) => (item.split(';')[0] ?? '').trim().toLowerCase());
  const writable = [...FHIR_JSON, 'text/json', '*/*', 'application/*'];
  if (wanted.some((item) => writable.includes(item))) return;
  throw new FhirError(
    406,
    'not-supported',
    `Value supplied, ${accept},  for the "Accept" header is not supported.`,
  );
}

function mediaType(diagnostics: string): FhirError {
  return new FhirError(415, 'not-supported', diagnostics);
}

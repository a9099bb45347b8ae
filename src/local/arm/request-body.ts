import { ArmError } from './resource-type.ts';

/** Azure Resource Manager refuses larger requests. */
const LIMIT_BYTES = 4 * 1024 * 1024;
/** Levels of objects and lists; what nests deeper could exhaust the stack of whoever walks it. */
const LIMIT_LEVELS = 128;

/**
 * The JSON object of a request; an empty one when there is no body.
 *
 * @throws ArmError 413 when too large, 415 when not JSON by its type, 400 when not an object
 */
export async function readBody(request: Request): Promise<Record<string, unknown>> {
  if (request.method === 'GET' || request.method === 'HEAD' || request.body === null) return {};
  const text = await readText(request.body);
  if (text.trim() === '') {
    if (request.method === 'PUT' || request.method === 'PATCH') throw invalid('Request content was empty.');
    return {};
  }
  const type = request.headers.get('content-type') ?? '';
  if (!/^application\/([a-z-]+\+)?json\b/i.test(type)) {
    throw new ArmError(
      415,
      'UnsupportedMediaType',
      `The content media type '${type}' is not supported. Only 'application/json' is supported.`,
    );
  }
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw invalid('The request content was invalid and could not be deserialized.');
  }
  if (typeof parsed !== 'object' || parsed === null || Array.isArray(parsed)) {
    throw invalid('The request content must be a JSON object.');
  }
  if (isTooDeep(parsed)) throw invalid(`The request content nests more than ${LIMIT_LEVELS} levels.`);
  return parsed as Record<string, unknown>;
}

/** Level by level, so that no depth overruns the stack here. */
function isTooDeep(value: object): boolean {
  let level: unknown[] = [value];
  for (let depth = 0; depth <= LIMIT_LEVELS; depth += 1) {
    if (level.length === 0) return false;
    level = level.flatMap((item) => (typeof item === 'object' && item !== null ? Object.values(item) : []));
  }
  return true;
}

async function readText(body: ReadableStream<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > LIMIT_BYTES) {
      throw new ArmError(
        413,
        'RequestContentTooLarge',
        'The request content size exceeds the maximum size of 4 MB.',
      );
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

function invalid(message: string): ArmError {
  return new ArmError(400, 'InvalidRequestContent', message);
}

import { badRequest, GraphError } from './graph-error.ts';
import type { Shape } from './shape.ts';

/** Bytes of a request body. */
const LIMIT = 4 * 1024 * 1024;

/** The JSON object of a request in the given shape. @throws GraphError 400, 413, 501 */
export async function readBody<T>(request: Request, shape: Shape): Promise<T> {
  return shape(await readJson(request), '') as T;
}

export async function readJson(request: Request): Promise<unknown> {
  if (!/^application\/json\s*(;|$)/i.test(request.headers.get('content-type') ?? '')) throw unreadable();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.byteLength;
    if (size > LIMIT) throw new GraphError(413, 'RequestEntityTooLarge', 'The request body is too large.');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8')) as unknown;
  } catch {
    throw unreadable();
  }
}

function unreadable(): GraphError {
  return badRequest(
    'Unable to read JSON request payload. Please ensure Content-Type header is set and payload is of valid JSON format.',
  );
}

import { readContent } from './blob-call.ts';
import { invalidInput, type TableCall } from './table-call.ts';

const LARGEST_BODY_BYTES = 4 * 1024 * 1024;

/** The JSON object of a request. @throws StorageError 400 or 413 */
export async function readJson(call: TableCall): Promise<Record<string, unknown>> {
  const text = new TextDecoder().decode(await readContent(call.request, LARGEST_BODY_BYTES));
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
      return parsed as Record<string, unknown>;
    }
  } catch {
    // Answered below, as any other body that is not an object.
  }
  throw invalidInput();
}

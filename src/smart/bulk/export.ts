import type { Clock } from '../../core/clock.ts';
import { SECOND } from '../../core/clock.ts';
import { SmartfhirError } from '../../core/errors.ts';
import { describe, place } from '../discovery.ts';
import { type JsonObject, objectsOf, parseObject, stringOf } from '../json.ts';
import type { Answer, Wire } from '../recorder.ts';

export interface BulkClient {
  readonly wire: Wire;
  readonly clock: Clock;
  readonly accessToken: string;
  readonly signal?: AbortSignal;
}

export interface PollOptions {
  /** Total time for waiting, milliseconds. */
  readonly budgetMs: number;
}

export interface OutputFile {
  readonly type: string;
  readonly url: string;
}

export interface Manifest {
  readonly body: JsonObject;
  readonly requiresAccessToken: boolean;
  readonly output: readonly OutputFile[];
}

const FIRST_WAIT_MS = SECOND;
const LONGEST_WAIT_MS = 30 * SECOND;

/** One kick-off (Bulk Data 2.0.0 "Bulk Data Kick-off Request"); the answer is not judged. `accessToken` may be absent. */
export async function kickOff(
  client: Pick<BulkClient, 'wire'> & { readonly accessToken: string | undefined },
  exportUrl: string,
): Promise<Answer> {
  return await client.wire.send({
    url: exportUrl,
    headers: { accept: 'application/fhir+json', prefer: 'respond-async', ...bearer(client.accessToken) },
  });
}

/** The status URL of an accepted export. */
export function statusUrlOf(answer: Answer): string {
  const location = answer.headers.get('content-location');
  if (answer.status === 202 && location !== null && URL.canParse(location, answer.url)) {
    return new URL(location, answer.url).href;
  }
  throw new SmartfhirError(
    'RESPONSE_INVALID',
    `${place(answer.url)} did not accept the export: ${describe(answer.status, answer.text)}`,
  );
}

/**
 * Polls until the job leaves 202. Waits what `Retry-After` says (seconds or an HTTP date), else 1, 2, 4 … 30 s; never
 * less than a second, so that a server that says 0 is not run over.
 *
 * @throws SmartfhirError `TIMEOUT` when the budget does not cover the next wait
 */
export async function pollStatus(
  client: BulkClient,
  statusUrl: string,
  options: PollOptions,
): Promise<Answer> {
  const deadline = client.clock.now() + options.budgetMs;
  let waited = 0;
  let fallback = FIRST_WAIT_MS;
  for (;;) {
    const answer = await getBulk(client, statusUrl, 'application/json');
    if (answer.status !== 202 && answer.status !== 429) return answer;
    const wait = Math.max(retryAfterMs(answer.headers, client.clock.now()) ?? fallback, FIRST_WAIT_MS);
    fallback = Math.min(fallback * 2, LONGEST_WAIT_MS);
    waited += wait;
    if (waited > options.budgetMs || client.clock.now() + wait > deadline) {
      throw new SmartfhirError(
        'TIMEOUT',
        `the export at ${place(statusUrl)} did not end within ${options.budgetMs / SECOND} s`,
      );
    }
    await client.clock.sleep(wait, client.signal);
  }
}

/** One authorised GET of a status or file URL. */
export async function getBulk(
  client: Pick<BulkClient, 'wire'> & { readonly accessToken: string | undefined },
  url: string,
  accept: string,
  bodyLimitBytes?: number,
): Promise<Answer> {
  return await client.wire.send(
    { url, headers: { accept, ...bearer(client.accessToken) } },
    bodyLimitBytes === undefined ? {} : { bodyLimitBytes },
  );
}

export async function deleteExport(
  client: Pick<BulkClient, 'wire'> & { readonly accessToken: string | undefined },
  statusUrl: string,
): Promise<Answer> {
  return await client.wire.send({ method: 'DELETE', url: statusUrl, headers: bearer(client.accessToken) });
}

/** The manifest of a finished export, or undefined when the body is none. */
export function manifestOf(answer: Answer): Manifest | undefined {
  const body = parseObject(answer.text);
  if (answer.status !== 200 || body === undefined || !Array.isArray(body['output'])) return undefined;
  const output = objectsOf(body['output']).flatMap((item): OutputFile[] => {
    const [type, url] = [stringOf(item['type']), stringOf(item['url'])];
    return type !== undefined && url !== undefined && URL.canParse(url) ? [{ type, url }] : [];
  });
  return { body, requiresAccessToken: body['requiresAccessToken'] === true, output };
}

/** RFC 9110 section 10.2.3; undefined when absent or unreadable. */
export function retryAfterMs(headers: Headers, nowMs: number): number | undefined {
  const value = headers.get('retry-after');
  if (value === null) return undefined;
  if (/^\d+$/.test(value.trim())) return Number(value) * SECOND;
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - nowMs);
}

function bearer(token: string | undefined): Record<string, string> {
  return token === undefined ? {} : { authorization: `Bearer ${token}` };
}

import { type Clock, MINUTE, SECOND } from '../core/clock.ts';
import { SmartfhirError } from '../core/errors.ts';
import type { Exchange } from '../core/http.ts';
import { type AuthorizedHttp, jsonObject, retryAfterMs } from './authorized-http.ts';
import { refusal } from './failure.ts';

/** Who wants to know about a long operation while it runs. */
export interface OperationWatch {
  readonly signal: AbortSignal;
  operation(url: string): Promise<void>;
  waiting(text: string): void;
}

const FIRST_POLL_MS = 250;
const LONGEST_POLL_MS = 15 * SECOND;
const DEFAULT_OPERATION_BUDGET_MS = 30 * MINUTE;

export interface OperationWait {
  readonly http: AuthorizedHttp;
  readonly clock: Clock;
  readonly scope: string;
  readonly watch: OperationWatch;
  readonly budgetMs?: number;
}

/** Waits between polls: growing, unless the service says how long. Throws when the budget is spent. */
export function pollPause(wait: Pick<OperationWait, 'clock' | 'watch' | 'budgetMs'>, what: string) {
  const budgetMs = wait.budgetMs ?? DEFAULT_OPERATION_BUDGET_MS;
  let next = FIRST_POLL_MS;
  let waited = 0;
  return async (askedMs?: number): Promise<void> => {
    const pause = askedMs ?? next;
    if (waited + pause > budgetMs) {
      throw new SmartfhirError(
        'OPERATION_TIMED_OUT',
        `${what} did not end within ${budgetMs / MINUTE} minutes`,
      );
    }
    await wait.clock.sleep(pause, wait.watch.signal);
    waited += pause;
    next = Math.min(next * 1.5, LONGEST_POLL_MS);
  };
}

/** The URL under which the operation that an answer began can be followed; undefined when it is already over. */
export function operationUrlOf(
  headers: { get(name: string): string | null | undefined },
  status: number,
): string | undefined {
  const async = headers.get('azure-asyncoperation');
  if (async !== null && async !== undefined) return async;
  const location = headers.get('location');
  return status === 202 && location !== null && location !== undefined ? location : undefined;
}

/**
 * Follows an operation to its end, both of ARM's ways: `Azure-AsyncOperation` answers 200 with a status,
 * `Location` answers 202 until done.
 *
 * @throws SmartfhirError `AZURE_REFUSED` when it failed, `OPERATION_TIMED_OUT` when the budget is spent
 * @see https://learn.microsoft.com/azure/azure-resource-manager/management/async-operations
 */
export async function awaitOperation(url: string, what: string, wait: OperationWait): Promise<Exchange> {
  const pause = pollPause(wait, what);
  for (let pollUrl = url; ; ) {
    const { scope, watch } = wait;
    const answer = await wait.http.send({ method: 'GET', url: pollUrl, scope, signal: watch.signal });
    const status = answer.status === 202 ? undefined : statusOf(answer);
    if (answer.status !== 202 && (status === undefined || status === 'Succeeded')) return answer;
    if (status === 'Failed' || status === 'Canceled') throw refusal(what, 0, answer.text);
    watch.waiting(status ?? 'Running');
    pollUrl = answer.headers.get('location') ?? answer.headers.get('azure-asyncoperation') ?? pollUrl;
    await pause(retryAfterMs(answer.headers));
  }
}

/** The status of an `Azure-AsyncOperation` body; undefined for the resource body that `Location` ends with. */
function statusOf(answer: Exchange): string | undefined {
  if (answer.text === '') return undefined;
  const { status, properties } = jsonObject(answer, 'the operation');
  return typeof status === 'string' && properties === undefined ? status : undefined;
}

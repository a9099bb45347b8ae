import type { TokenCredential } from '@azure/core-auth';
import type { PipelineResponse } from '@azure/core-rest-pipeline';
import { type Clock, MINUTE, SECOND } from '../core/clock.ts';
import type { Credential, FetchLike } from '../core/target.ts';
import { fromSdk } from './failure.ts';
import { httpClientOf } from './http-client.ts';
import { type OperationWatch, operationUrlOf, pollPause } from './operation.ts';

export interface SdkOptions {
  readonly fetch: FetchLike;
  readonly credential: Credential;
  readonly clock: Clock;
  /** `https://management.azure.com` */
  readonly armBase: string;
  readonly subscriptionId: string;
  readonly watch: OperationWatch;
}

/** What makes a management client of Microsoft speak through our transport. */
export function sdkClientOptions(options: SdkOptions) {
  return {
    credential: options.credential as TokenCredential,
    settings: {
      endpoint: options.armBase,
      credentialScopes: `${options.armBase}/.default`,
      httpClient: httpClientOf(options.fetch),
      retryOptions: { maxRetries: 3, retryDelayInMs: SECOND, maxRetryDelayInMs: 30 * SECOND },
    },
  };
}

/** The part of a poller that is used; both generations of clients have it. */
interface Poller<Result> {
  isDone(): boolean;
  poll(options?: { abortSignal?: AbortSignal }): Promise<unknown>;
  getResult(): Result | undefined;
}

type OnResponse = (raw: Pick<PipelineResponse, 'headers' | 'status'>) => void;

/** Creations of classic API Management services take up to an hour. */
const BUDGET_MS = 60 * MINUTE;

/**
 * Runs a client's long operation to its end on our clock, telling the watch its URL first.
 *
 * @throws SmartfhirError as ARM calls do
 */
export async function untilDone<Result>(
  options: Pick<SdkOptions, 'clock' | 'watch'>,
  what: string,
  begin: (onResponse: OnResponse) => Promise<Poller<Result>>,
): Promise<Result | undefined> {
  const { clock, watch } = options;
  let url: string | undefined;
  watch.signal.throwIfAborted();
  try {
    const poller = await begin((raw) => {
      url ??= operationUrlOf({ get: (name) => raw.headers.get(name) }, raw.status);
    });
    if (url !== undefined) await watch.operation(url);
    const pause = pollPause({ clock, watch, budgetMs: BUDGET_MS }, what);
    while (!poller.isDone()) {
      await poller.poll({ abortSignal: watch.signal });
      if (poller.isDone()) break;
      watch.waiting('working');
      await pause();
    }
    return poller.getResult();
  } catch (error) {
    watch.signal.throwIfAborted();
    throw fromSdk(what, error);
  }
}

import type { HeaderList } from '../header-list.ts';
import type { MessageBody } from '../message-body.ts';

/** What `context.LastError` tells. */
export interface LastError {
  readonly source: string;
  readonly reason: string;
  readonly message: string;
  readonly scope: string;
  readonly section: string;
  readonly path: string;
  readonly policyId: string;
}

export interface RequestView {
  readonly method: string;
  readonly url: URL;
  readonly originalUrl: URL;
  readonly headers: HeaderList;
  readonly body: MessageBody;
  readonly ipAddress: string;
  readonly matchedParameters: ReadonlyMap<string, string>;
}

export interface ResponseView {
  readonly statusCode: number;
  readonly statusReason: string;
  readonly headers: HeaderList;
  readonly body: MessageBody;
}

/** Everything `context` offers to an expression. */
export interface EvaluationContext {
  readonly request: RequestView;
  readonly response: ResponseView | undefined;
  readonly variables: ReadonlyMap<string, unknown>;
  readonly api: { id: string; name: string; path: string; revision: string; serviceUrl: string } | undefined;
  readonly operation: { id: string; name: string; method: string; urlTemplate: string } | undefined;
  readonly lastError: LastError | undefined;
  readonly deployment: { serviceName: string; serviceId: string; region: string };
  readonly subscription: { id: string; name: string } | undefined;
  readonly requestId: string;
  /** When the request arrived and the time now, milliseconds since the epoch. */
  readonly timestamp: number;
  now(): number;
}

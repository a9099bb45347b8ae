/** An error of the gateway or of a policy: what `context.LastError` shows and what the client gets if nobody handles it. */
export class PolicyFault extends Error {
  override readonly name = 'PolicyFault';
  readonly source: string;
  readonly reason: string;
  /** Status and message of the default answer. */
  readonly status: number;
  readonly clientMessage: string;
  readonly headers: Readonly<Record<string, string>>;

  constructor(fault: {
    readonly source: string;
    readonly reason: string;
    readonly message: string;
    readonly status: number;
    readonly clientMessage?: string;
    readonly headers?: Readonly<Record<string, string>>;
  }) {
    super(fault.message);
    this.source = fault.source;
    this.reason = fault.reason;
    this.status = fault.status;
    this.clientMessage = fault.clientMessage ?? fault.message;
    this.headers = fault.headers ?? {};
  }
}

/** Thrown to end the pipeline with the response that was set (`return-response`, a preflight). */
export class ResponseReturned extends Error {
  override readonly name = 'ResponseReturned';
}

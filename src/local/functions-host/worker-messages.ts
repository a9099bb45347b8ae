import { z } from 'zod';

/** One HTTP-triggered function, as the package registered it. */
const registeredFunction = z.object({
  name: z.string().min(1).max(128),
  /** Template below the route prefix; the function's name when it gave none. */
  route: z.string().max(1024),
  /** Lower case. Empty means GET and POST, the host's default. */
  methods: z.array(z.string()).max(20),
  authLevel: z.enum(['anonymous', 'function', 'admin']),
});

export type RegisteredFunction = z.infer<typeof registeredFunction>;

/** Worker to host: the package is loaded. `httpUri` is set when it streams HTTP (`enableHttpStream`). */
const ready = z.object({
  type: z.literal('ready'),
  functions: z.array(registeredFunction).max(200),
  httpUri: z.string().nullable(),
});

/** Worker to host: the package could not be loaded. */
const failed = z.object({ type: z.literal('failed'), message: z.string() });

/** Worker to host: one invocation ended. With streaming, `response` is null: the answer went over HTTP. */
const done = z.object({
  type: z.literal('done'),
  invocationId: z.string(),
  error: z.string().nullable(),
  response: z
    .object({
      status: z.number().int(),
      headers: z.array(z.tuple([z.string(), z.string()])),
      body: z.instanceof(Uint8Array),
    })
    .nullable(),
});

const log = z.object({ type: z.literal('log'), level: z.string(), message: z.string() });

export const workerMessage = z.discriminatedUnion('type', [ready, failed, done, log]);

export type WorkerMessage = z.infer<typeof workerMessage>;

/** Host to worker: run one function. `body` is null when the request streams over HTTP. */
export interface Invoke {
  readonly type: 'invoke';
  readonly invocationId: string;
  readonly functionName: string;
  readonly method: string;
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly body: Uint8Array | null;
}

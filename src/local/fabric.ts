import type { Clock } from '../core/clock.ts';
import type { FetchLike } from '../core/target.ts';
import type { Store } from './store.ts';

/** The plain-HTTP origins that browsers and other people's clients see. They do not share cookies. */
export interface Origins {
  /** Where API Management's gateway listens: `http://localhost:P`. */
  readonly gateway: string;
  /** Where Entra's sign-in pages listen: `http://127.0.0.1:Q`. The tenant's one issuer starts with it. */
  readonly login: string;
  /** Where the Function app's own host listens (exported files are served from here): `http://localhost:F`. */
  readonly functions: string;
}

/** One line of the laptop cloud's log. Never holds a token, a secret, a query string or a body. */
export interface LogEntry {
  readonly standIn: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly text: string;
}

/** How slow and how unreliable the cloud is. All durations in milliseconds before `timeScale` is applied. */
export interface Timing {
  /** How long ARM's asynchronous operations run. */
  readonly armOperationMs: number;
  /** After a write, how long the directory still answers as if it had not happened. */
  readonly graphReplicationMs: number;
  /** How long a role assignment takes to have an effect. */
  readonly rolePropagationMs: number;
}

/** Asked before each request is handled; a Response returned is the answer, undefined lets the request through. */
export type FailurePlan = (standIn: string, request: Request) => Response | undefined;

/** What all stand-ins share. One Fabric is one laptop cloud. */
export interface Fabric {
  readonly clock: Clock;
  readonly timing: Timing;
  readonly store: Store;
  /** The router: a stand-in reaches another only through this, by its Azure host name. Unknown hosts are refused. */
  readonly fetch: FetchLike;
  readonly origins: Origins;
  /** The one tenant and subscription of this cloud. */
  readonly tenantId: string;
  readonly subscriptionId: string;
  log(entry: LogEntry): void;
}

/** An imitation of one Azure service. */
export interface StandIn {
  readonly name: string;
  /** Does it answer for this host name (lower case, without port)? */
  serves(host: string): boolean;
  readonly fetch: FetchLike;
  /** Ends child processes and timers. */
  close?(): Promise<void>;
}

export type StandInFactory = (fabric: Fabric) => StandIn;

import type { Blobs } from '../azure/storage/blobs.ts';
import type { Clock } from '../core/clock.ts';
import type { Credential, FetchLike } from '../core/target.ts';
import type { ClientRegistration } from '../smart/registration.ts';
import type { EntraKeys } from './issuer/entra-keys.ts';
import type { TokenIssuer } from './issuer/token-issuer.ts';
import type { GatewaySettings } from './settings.ts';
import type { Seal } from './state/seal.ts';
import type { State } from './state/state.ts';
import type { ClientKeys } from './token/client-keys.ts';

/** What the gateway needs from outside. `random` returns that many unpredictable bytes, base64url. */
export interface GatewayDeps {
  readonly fetch: FetchLike;
  /** The Function app's managed identity. */
  readonly credential: Credential;
  readonly clock: Clock;
  readonly random: (bytes: number) => string;
  readonly log?: (line: LogLine) => void;
}

/** Never holds a token, code, secret, query string or body. */
export interface LogLine {
  readonly level: 'info' | 'warn' | 'error';
  readonly text: string;
  readonly correlationId: string;
}

/** What every handler shares. */
export interface Gateway {
  readonly settings: GatewaySettings;
  readonly fetch: FetchLike;
  readonly clock: Clock;
  readonly random: (bytes: number) => string;
  readonly log: (line: LogLine) => void;
  readonly state: State;
  readonly seal: Seal;
  readonly issuer: TokenIssuer;
  readonly keys: EntraKeys;
  readonly clientKeys: ClientKeys;
  readonly blobs: Blobs;
  readonly client: (clientId: string) => ClientRegistration | undefined;
}

import type { Tables } from '../../azure/storage/tables.ts';
import { type Clock, DAY, MINUTE, SECOND } from '../../core/clock.ts';
import { type Collection, createCollection } from './collection.ts';

/** The gateway's memory. All of it is in Table storage: any instance can go on where another stopped. */
export interface State {
  /** Authorization requests on their way through sign-in, by transaction id. */
  readonly transactions: Collection<Transaction>;
  /** Authorization codes of ours, by code. */
  readonly codes: Collection<CodeRecord>;
  /** Sessions, by session id. */
  readonly sessions: Collection<Session>;
  /** Access tokens, by the `uti` claim. */
  readonly tokens: Collection<TokenRecord>;
  /** Launch ids, by id. */
  readonly launches: Collection<LaunchRecord>;
  /** Assertions seen, by client and jti. */
  readonly assertions: Collection<{ readonly seen: true }>;
  /** Export jobs, by the id of the FHIR service. */
  readonly exports: Collection<ExportRecord>;
}

export const TRANSACTION_LIFETIME_MS = 15 * MINUTE;
export const CODE_LIFETIME_MS = 60 * SECOND;
export const LAUNCH_LIFETIME_MS = 5 * MINUTE;
/** Entra's refresh tokens live 90 days from their last use; (g)(10) asks for three months. */
export const REFRESH_LIFETIME_MS = 92 * DAY;
/** `online_access`: while the user is likely to be still at work. */
export const ONLINE_LIFETIME_MS = 12 * 60 * MINUTE;
export const EXPORT_LIFETIME_MS = 7 * DAY;
/** Clock differences between us, Entra and clients. */
export const LEEWAY_SECONDS = 60;

/** A valid request of a client, before and after the user signed in. */
export interface AuthorizationRequest {
  readonly clientId: string;
  readonly redirectUri: string;
  readonly state: string;
  readonly codeChallenge: string;
  readonly nonce?: string;
  readonly loginHint?: string;
  readonly prompt?: string;
  /** What may be granted: asked ∩ registered, in the client's spelling. */
  readonly offered: string;
  readonly launch?: LaunchContext;
}

export interface Transaction {
  readonly request: AuthorizationRequest;
  readonly stage: 'sign-in' | 'choose' | 'entra';
  /** Hash of the cookie that binds the transaction to one browser. */
  readonly browser: string;
  /** PKCE verifier towards Entra for the current stage, sealed. */
  readonly verifier: string;
  /** Our nonce of the first sign-in. */
  readonly nonce: string;
  readonly csrf?: string;
  readonly user?: SignedInUser;
  readonly granted?: string;
}

export interface SignedInUser {
  /** Entra object id. */
  readonly oid: string;
  readonly username?: string;
  /** Absolute URL or relative reference, when the directory knows one. */
  readonly fhirUser?: string;
}

/** What an EHR said about a launch. */
export interface LaunchContext {
  readonly patient?: string;
  readonly encounter?: string;
  readonly user?: string;
  readonly intent?: string;
  readonly needPatientBanner: boolean;
}

export interface LaunchRecord {
  readonly clientId: string;
  readonly createdBy: string;
  readonly context: LaunchContext;
}

export interface CodeRecord {
  readonly request: AuthorizationRequest;
  readonly granted: string;
  readonly user: SignedInUser;
  /** Entra's code and our PKCE verifier for it, sealed. */
  readonly entra: string;
}

/** The launch context as token responses and introspection carry it. */
export interface GrantedContext {
  readonly patient?: string;
  readonly encounter?: string;
  readonly intent?: string;
  readonly need_patient_banner?: boolean;
  readonly smart_style_url?: string;
}

/** One user's authorization of one client (or a backend client's own). */
export interface Session {
  readonly clientId: string;
  readonly scope: string;
  readonly context: GrantedContext;
  readonly oid?: string;
  readonly fhirUser?: string;
  /** Of the id_token, when one was issued. */
  readonly issuer?: string;
  readonly subject?: string;
  /** Grows at every rotation of a public client's refresh token. */
  readonly generation: number;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  /** Access tokens that may still live. */
  readonly tokens: readonly { readonly uti: string; readonly expiresAt: number }[];
  readonly revoked?: true;
}

/** Everything the guard must know about one access token; revoking overwrites it. */
export interface TokenRecord {
  readonly sessionId: string;
  readonly clientId: string;
  readonly scope: string;
  readonly context: GrantedContext;
  readonly fhirUser?: string;
  readonly issuer?: string;
  readonly subject?: string;
  /** Seconds since the epoch. */
  readonly exp: number;
  readonly revoked?: true;
}

export interface ExportRecord {
  readonly clientId: string;
  /** Container that only this client's exports go to. */
  readonly container: string;
  /** Kick-off URL as the client sent it. */
  readonly request: string;
  /** An export of patients: the service's files may hold a resource several times. */
  readonly repeats: boolean;
  readonly cancelled?: true;
  /** The manifest's files, in its order. */
  readonly files?: readonly ExportFile[];
}

export interface ExportFile {
  /** Resource type of its lines. */
  readonly type: string;
  /** Below the container. */
  readonly path: string;
}

export function createState(tables: Tables, clock: Clock): State {
  const collection = <T>(table: string): Collection<T> => createCollection<T>(tables, clock, table);
  return {
    transactions: collection('smartTransactions'),
    codes: collection('smartCodes'),
    sessions: collection('smartSessions'),
    tokens: collection('smartTokens'),
    launches: collection('smartLaunches'),
    assertions: collection('smartAssertions'),
    exports: collection('smartExports'),
  };
}

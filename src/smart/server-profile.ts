import type { JWK } from 'jose';

/** How a client proves who it is at the token endpoint. */
export type ClientKind = 'secret' | 'public' | 'private_key_jwt';
/** How a client gets its context: SMART App Launch, Backend Services, or not at all (a resource server). */
export type LaunchKind = 'standalone' | 'ehr' | 'backend' | 'none';

export interface ProfileClient {
  readonly kind: ClientKind;
  readonly launch: LaunchKind;
  readonly clientId: string;
  readonly redirectUri?: string;
  /** Where an EHR opens the app. */
  readonly launchUrl?: string;
  /** SMART spelling; everything the client is registered for. */
  readonly scopes: readonly string[];
  readonly secret?: string;
  /** Private keys of a private_key_jwt client. */
  readonly jwks?: { readonly keys: readonly JWK[] };
  /** A refresh token kept from an earlier sign-in, for servers whose sign-in page cannot be driven. */
  readonly refreshToken?: string;
}

export interface ProfileUser {
  readonly username: string;
  readonly password: string;
  /** `Patient/…` or `Practitioner/…`, relative or absolute. */
  readonly fhirUser?: string;
}

/** The EHR's own credentials at a server that creates launch ids by HTTP. */
export interface ProfileEhr {
  readonly launchUrl: string;
  readonly tokenUrl: string;
  readonly clientId: string;
  readonly secret: string;
  readonly scope: string;
}

/** What `doctor` and `launch` know of a SMART server. Foreign servers and our own stack have the same shape. */
export interface ServerProfile {
  readonly fhirUrl: string;
  readonly clients: Readonly<Record<string, ProfileClient>>;
  readonly users: Readonly<Record<string, ProfileUser>>;
  /** Logical ids of patients that the clients may see. */
  readonly patients: readonly string[];
  /** Logical id of a patient that the signed-in patient must not see. */
  readonly otherPatient?: string;
  /** Logical id of an exportable Group. */
  readonly group?: string;
  /** Logical id of an encounter of the first patient, for EHR launches. */
  readonly encounter?: string;
  readonly ehr?: ProfileEhr;
  /** A launch id made outside smartfhir, for servers that have no `ehr` entry. */
  readonly launch?: string;
}

/** The base URL as it is joined to paths: without a trailing slash. */
export function baseUrl(profile: Pick<ServerProfile, 'fhirUrl'>): string {
  return profile.fhirUrl.replace(/\/+$/, '');
}

/** Loopback hosts by name or address, judged from the URL alone. */
export function isLoopback(url: string): boolean {
  const host = new URL(url).hostname.toLowerCase();
  return (
    host === 'localhost' || host.endsWith('.localhost') || host === '[::1]' || /^127(\.\d+){3}$/.test(host)
  );
}

/** Plain HTTP that never leaves the machine: the one place where https rules do not apply. */
export function isLoopbackHttp(url: string): boolean {
  return new URL(url).protocol === 'http:' && isLoopback(url);
}

/** Every secret the profile holds, so that a recorder can take it out of what it writes. */
export function profileSecrets(profile: ServerProfile): readonly string[] {
  const clients = Object.values(profile.clients).flatMap((client) => [
    client.secret,
    client.refreshToken,
    ...(client.jwks?.keys ?? []).flatMap((key) => [key.d, key.p, key.q, key.dp, key.dq, key.qi]),
  ]);
  const users = Object.values(profile.users).map((user) => user.password);
  return [...clients, ...users, profile.ehr?.secret].filter((value) => value !== undefined);
}

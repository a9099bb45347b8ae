import type { JSONWebKeySet } from 'jose';
import { z } from 'zod';
import { SmartfhirError } from '../core/errors.ts';

export const CLIENT_AUTHS = ['secret', 'public', 'private_key_jwt'] as const;
export const CLIENT_LAUNCHES = ['standalone', 'ehr', 'backend', 'none'] as const;
export const CLIENT_PERMISSIONS = ['launch.create', 'introspect'] as const;

export type ClientAuth = (typeof CLIENT_AUTHS)[number];
export type ClientLaunch = (typeof CLIENT_LAUNCHES)[number];
export type ClientPermission = (typeof CLIENT_PERMISSIONS)[number];

/** A registered SMART app, as provisioning writes it into the gateway's setting `SMARTFHIR_CLIENTS`. */
export interface ClientRegistration {
  /** Unique short name, fit for a path segment. */
  readonly name: string;
  /** The app id that Entra gave it; SMART's client_id. */
  readonly clientId: string;
  readonly auth: ClientAuth;
  /** How it is started; `none` for clients that neither launch nor read data. */
  readonly launch: ClientLaunch;
  readonly redirectUris: readonly string[];
  readonly launchUris: readonly string[];
  /** Browser origins that may call the token endpoint and the FHIR API. */
  readonly origins: readonly string[];
  /** SMART spelling; what the client may ever be granted. */
  readonly scopes: readonly string[];
  readonly permissions: readonly ClientPermission[];
  /** Public keys of a private_key_jwt client, inline. */
  readonly jwks?: JSONWebKeySet;
  /** Where a private_key_jwt client publishes its keys; preferred over `jwks` when both are there. */
  readonly jwksUrl?: string;
}

const jwks = z.object({ keys: z.array(z.looseObject({ kty: z.string() })) });

const registration = z.strictObject({
  name: z.string().regex(/^[a-z0-9][a-z0-9-]{0,62}$/),
  clientId: z.string().min(1),
  auth: z.enum(CLIENT_AUTHS),
  launch: z.enum(CLIENT_LAUNCHES),
  redirectUris: z.array(z.string()),
  launchUris: z.array(z.string()),
  origins: z.array(z.string()),
  scopes: z.array(z.string()),
  permissions: z.array(z.enum(CLIENT_PERMISSIONS)),
  jwks: jwks.optional(),
  jwksUrl: z.url().optional(),
});

/**
 * The registrations in the text of `SMARTFHIR_CLIENTS`.
 *
 * @throws SmartfhirError `CONFIG_INVALID` when it is not a JSON array of registrations with unique names and ids
 */
export function parseRegistrations(text: string): readonly ClientRegistration[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new SmartfhirError('CONFIG_INVALID', 'the client registrations are not JSON', { cause: error });
  }
  const parsed = z.array(registration).safeParse(value);
  if (!parsed.success) {
    throw new SmartfhirError('CONFIG_INVALID', `client registrations: ${z.prettifyError(parsed.error)}`);
  }
  for (const key of ['name', 'clientId'] as const) {
    if (new Set(parsed.data.map((client) => client[key])).size !== parsed.data.length) {
      throw new SmartfhirError('CONFIG_INVALID', `client registrations: two clients share one ${key}`);
    }
  }
  return parsed.data as readonly ClientRegistration[];
}

import { randomUUID } from 'node:crypto';
import { messageOf } from '../../core/errors.ts';
import { exchange } from '../../core/http.ts';
import { issueManagedIdentityToken } from '../entra/managed-identity-token.ts';
import type { Fabric } from '../fabric.ts';
import type { Collection } from '../store.ts';
import { KEY_VAULT_REFRESH_MS } from './limits.ts';
import { serviceIdOf } from './resource-fields.ts';

/** A named value's text as Key Vault had it. */
export interface SecretText {
  readonly value: string;
  /** When it was last read, or reading it last failed. */
  readonly fetchedAt: number;
  /** Another one with every read: what was compiled with the old text is out of date. */
  readonly readId: string;
}

const KEY_VAULT_RESOURCE = 'https://vault.azure.net';
const KEY_VAULT_API_VERSION = '7.4';
const SECRET_LIMITS = { budgetMs: 10_000, bodyLimitBytes: 64 * 1024 };

/** A secret that Key Vault did not give, with Key Vault's own code. */
export class SecretUnavailable extends Error {
  override readonly name = 'SecretUnavailable';
  readonly code: string;

  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

/** `https://{vault}.vault.azure.net/secrets/{name}[/{version}]` */
export function isSecretIdentifier(text: string): boolean {
  return /^https:\/\/[a-z0-9-]+\.vault\.azure\.net\/secrets\/[0-9A-Za-z-]+(?:\/[0-9a-f]{32})?\/?$/i.test(
    text,
  );
}

function secrets(fabric: Fabric): Collection<SecretText> {
  return fabric.store.collection<SecretText>('apim-secrets');
}

export function secretText(fabric: Fabric, namedValueId: string): SecretText | undefined {
  return secrets(fabric).get(namedValueId.toLowerCase());
}

export function forgetSecret(fabric: Fabric, namedValueId: string): void {
  secrets(fabric).delete(namedValueId.toLowerCase());
}

/**
 * Reads a named value's secret with the service's own identity and keeps it.
 *
 * @throws SecretUnavailable when the identity is missing, may not, or the secret is not there
 */
export async function fetchSecret(fabric: Fabric, namedValueId: string, identifier: string): Promise<void> {
  const value = await readSecret(fabric, serviceIdOf(namedValueId), identifier);
  secrets(fabric).put(namedValueId.toLowerCase(), {
    value,
    fetchedAt: fabric.clock.now(),
    readId: randomUUID(),
  });
}

/** Reads a secret again when the last attempt is four hours old; a failure keeps the old text until the next one. */
export async function refreshSecretIfOld(
  fabric: Fabric,
  namedValueId: string,
  identifier: string,
): Promise<void> {
  const known = secretText(fabric, namedValueId);
  if (known === undefined || fabric.clock.now() - known.fetchedAt < KEY_VAULT_REFRESH_MS) return;
  try {
    await fetchSecret(fabric, namedValueId, identifier);
  } catch (error) {
    const name = namedValueId.slice(namedValueId.lastIndexOf('/') + 1);
    const text = `named value ${name} could not be refreshed: ${messageOf(error)}`;
    fabric.log({ standIn: 'apim', level: 'warn', text });
    secrets(fabric).put(namedValueId.toLowerCase(), { ...known, fetchedAt: fabric.clock.now() });
  }
}

async function readSecret(fabric: Fabric, serviceId: string, identifier: string): Promise<string> {
  let token: string;
  try {
    token = (await issueManagedIdentityToken(fabric, serviceId, KEY_VAULT_RESOURCE)).access_token;
  } catch (error) {
    throw new SecretUnavailable(
      'ManagedIdentityUnavailable',
      `the service has no usable managed identity: ${messageOf(error)}`,
    );
  }
  const url = `${identifier.replace(/\/$/, '')}?api-version=${KEY_VAULT_API_VERSION}`;
  const request = new Request(url, { headers: { authorization: `Bearer ${token}` } });
  const { status, text } = await exchange(fabric.fetch, request, SECRET_LIMITS);
  const body = parsed(text);
  if (status !== 200)
    throw new SecretUnavailable(
      body.error?.code ?? String(status),
      `Key Vault answered ${status} for ${identifier}`,
    );
  if (typeof body.value !== 'string') throw new SecretUnavailable('BadResponse', 'Key Vault gave no value');
  return body.value;
}

function parsed(text: string): { value?: unknown; error?: { code?: string } } {
  try {
    return JSON.parse(text) as { value?: unknown; error?: { code?: string } };
  } catch {
    return {};
  }
}

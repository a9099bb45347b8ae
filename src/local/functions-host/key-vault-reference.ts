import { messageOf } from '../../core/errors.ts';
import type { Fabric } from '../fabric.ts';
import { identityAuthorization } from './managed-identity.ts';

const VAULT_RESOURCE = 'https://vault.azure.net';
const API_VERSION = '7.4';
const VAULT_SUFFIX = '.vault.azure.net';

/**
 * App settings with their Key Vault references resolved by the site's managed identity. A reference that cannot be
 * resolved keeps its text, exactly as App Service leaves it, and the log says why.
 *
 * @returns the settings, and the secret values among them
 */
export async function resolveSettings(
  fabric: Fabric,
  siteId: string,
  settings: Readonly<Record<string, string>>,
): Promise<{ values: Record<string, string>; secrets: string[] }> {
  const values: Record<string, string> = {};
  const secrets: string[] = [];
  for (const [name, value] of Object.entries(settings)) {
    const reference = /^@Microsoft\.KeyVault\((.*)\)$/s.exec(value)?.[1];
    if (reference === undefined) {
      values[name] = value;
      continue;
    }
    try {
      const secret = await readSecret(fabric, siteId, secretUri(reference));
      values[name] = secret;
      secrets.push(secret);
    } catch (error) {
      values[name] = value;
      const text = `setting ${name}: its Key Vault reference was not resolved: ${messageOf(error)}`;
      fabric.log({ standIn: 'functions', level: 'warn', text });
    }
  }
  return { values, secrets };
}

/** `SecretUri=https://v.vault.azure.net/secrets/n[/version]` or `VaultName=v;SecretName=n[;SecretVersion=x]`. */
function secretUri(reference: string): URL {
  const parts = new Map<string, string>();
  for (const part of reference.split(';')) {
    const [, name, value] = /^\s*([A-Za-z]+)\s*=\s*(.*?)\s*$/.exec(part) ?? [];
    if (name === undefined || value === undefined) throw new Error('the reference syntax is not understood');
    parts.set(name.toLowerCase(), value);
  }
  const given = parts.get('secreturi');
  const vault = parts.get('vaultname');
  const secret = parts.get('secretname');
  const built =
    vault === undefined || secret === undefined
      ? undefined
      : `https://${vault}${VAULT_SUFFIX}/secrets/${secret}/${parts.get('secretversion') ?? ''}`;
  const text = given ?? built;
  if (text === undefined || !URL.canParse(text)) throw new Error('the reference syntax is not understood');
  const url = new URL(text);
  const allowed = url.protocol === 'https:' && url.hostname.endsWith(VAULT_SUFFIX);
  if (!allowed || !/^\/secrets\/[0-9A-Za-z-]+(\/[0-9a-f]*)?$/.test(url.pathname)) {
    throw new Error('the reference does not name a secret of a vault');
  }
  url.search = `?api-version=${API_VERSION}`;
  return url;
}

async function readSecret(fabric: Fabric, siteId: string, url: URL): Promise<string> {
  const authorization = await identityAuthorization(fabric, siteId, VAULT_RESOURCE);
  const response = await fabric.fetch(new Request(url, { headers: { authorization } }));
  const body: unknown = await response.json().catch(() => undefined);
  const value = typeof body === 'object' && body !== null && 'value' in body ? body.value : undefined;
  if (response.status !== 200 || typeof value !== 'string') {
    throw new Error(`${url.host} answered ${response.status}`);
  }
  return value;
}

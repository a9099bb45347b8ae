import type { SecretFacts } from '../../azure/key-vault.ts';
import type { ClientConfig } from '../../config/config.ts';
import { DAY } from '../../core/clock.ts';
import type { ResourceKind, StackContext } from '../context.ts';
import { changed, type FieldChange, type Resource } from '../engine/resource.ts';
import { clientApp, clientSecret, RESOURCE } from '../resource-ids.ts';
import { secretName } from '../secret-names.ts';
import type { Tools } from '../tools.ts';
import { type SecretWant, vaultSecret } from '../vault-secret.ts';

/** Two years, Entra's own default; a secret that has less than a month left is replaced. */
const LIFETIME_MS = 730 * DAY;
const RENEW_BEFORE_MS = 30 * DAY;
const KEY_ID_TAG = 'key-id';
const APP_TAG = 'app-id';
/** Display name of our credentials in Entra: all others are left alone. */
const CREDENTIAL_NAME = 'smartfhir';

interface PasswordCredential {
  readonly keyId: string;
  readonly displayName: string | null;
  readonly endDateTime: string;
}

/**
 * Entra client secrets, each kept in Key Vault: of secret clients and of the sign-in app under readable names; of
 * private_key_jwt clients under their app id, where the gateway takes it once it has verified the assertion.
 */
export const clientSecrets: ResourceKind = (context) => [
  entraSecret(RESOURCE.signInSecret, RESOURCE.signInApp, () => secretName.signIn, {}, context),
  ...context.config.clients
    .filter((client) => client.auth !== 'public')
    .map((client) => ofClient(client, context)),
];

function ofClient(client: ClientConfig, context: StackContext): Resource<Tools> {
  const app = clientApp(client.name);
  if (client.auth === 'secret') {
    return entraSecret(
      clientSecret(client.name),
      app,
      () => secretName.clientSecret(client.name),
      {},
      context,
    );
  }
  const external = client.jwks?.startsWith('http') === true ? { jwks_url: client.jwks } : {};
  return entraSecret(clientSecret(client.name), app, secretName.exchanged, external, context);
}

function entraSecret(
  id: string,
  app: string,
  name: (appId: string) => string,
  tags: Readonly<Record<string, string>>,
  { owner }: StackContext,
): Resource<Tools> {
  return vaultSecret(
    {
      id,
      label: `secret of ${app}`,
      dependsOn: [app],
      name: (outputs) => name(outputs.get(app, 'appId')),
      facts: (outputs) => ({ appId: outputs.get(app, 'appId'), objectId: outputs.get(app, 'id') }),
      tags,
      misfit,
      make,
    },
    owner,
  );
}

async function credentials({ graph }: Tools, want: SecretWant): Promise<readonly PasswordCredential[]> {
  const application = await graph.get(`/applications/${want.facts['objectId']}`, {
    $select: 'id,passwordCredentials',
  });
  return (application?.['passwordCredentials'] ?? []) as PasswordCredential[];
}

async function misfit(tools: Tools, want: SecretWant, have: SecretFacts): Promise<readonly FieldChange[]> {
  const all = await credentials(tools, want);
  const credential = all.find((item) => item.keyId === have.tags[KEY_ID_TAG]);
  if (credential === undefined) return changed('credential', 'removed from Entra', 'a new one');
  const leftMs = Date.parse(credential.endDateTime) - tools.clock.now();
  return leftMs < RENEW_BEFORE_MS
    ? changed('credential', `expires ${credential.endDateTime}`, 'a new one')
    : [];
}

async function make(tools: Tools, want: SecretWant) {
  const { graph, clock } = tools;
  const path = `/applications/${want.facts['objectId']}`;
  const endDateTime = new Date(clock.now() + LIFETIME_MS).toISOString();
  const made = await graph.post(`${path}/addPassword`, {
    passwordCredential: { displayName: CREDENTIAL_NAME, endDateTime },
  });
  const keyId = String(made['keyId']);
  // A run that died between Entra and Key Vault left a credential whose secret nobody knows.
  for (const other of await credentials(tools, want)) {
    if (other.displayName !== CREDENTIAL_NAME || other.keyId === keyId) continue;
    await graph.post(`${path}/removePassword`, { keyId: other.keyId });
  }
  return {
    value: String(made['secretText']),
    tags: { [KEY_ID_TAG]: keyId, [APP_TAG]: want.facts['appId'] ?? '' },
  };
}

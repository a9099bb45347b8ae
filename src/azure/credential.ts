import { messageOf, SmartfhirError } from '../core/errors.ts';
import type { Credential } from '../core/target.ts';

export interface CredentialOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `https://login.microsoftonline.com` or that of another cloud. */
  readonly authorityHost: string;
  readonly tenant: string | undefined;
}

/** What the environment offers to sign in with; the first that is complete is used. */
type Kind = 'client-secret' | 'workload-identity' | 'azure-cli';

/**
 * The one credential that the environment names. Each is from `@azure/identity`, loaded only when used.
 *
 * @throws SmartfhirError `MISSING_INPUT` when a credential is named by half, `AUTH_FAILED` from `getToken` with what
 *   to do
 */
export async function azureCredential(options: CredentialOptions): Promise<Credential> {
  const { env, authorityHost } = options;
  const named = options.tenant ?? env['AZURE_TENANT_ID'];
  const tenantId = named === '' ? undefined : named;
  const kind = credentialKind(env, tenantId);
  const identity = await import('@azure/identity');
  const inner = (): Credential => {
    if (kind === 'azure-cli') {
      return new identity.AzureCliCredential(tenantId === undefined ? {} : { tenantId });
    }
    const clientId = env['AZURE_CLIENT_ID'] ?? '';
    if (kind === 'client-secret') {
      const secret = env['AZURE_CLIENT_SECRET'] ?? '';
      return new identity.ClientSecretCredential(tenantId ?? '', clientId, secret, { authorityHost });
    }
    const tokenFilePath = env['AZURE_FEDERATED_TOKEN_FILE'] ?? '';
    return new identity.WorkloadIdentityCredential({
      tenantId: tenantId ?? '',
      clientId,
      tokenFilePath,
      authorityHost,
    });
  };
  return explained(inner(), kind);
}

/** A secret or federated token that cannot be used is refused: falling back would use somebody else's session. */
function credentialKind(env: CredentialOptions['env'], tenantId: string | undefined): Kind {
  const has = (name: string): boolean => (env[name] ?? '') !== '';
  const [given] = ['AZURE_CLIENT_SECRET', 'AZURE_FEDERATED_TOKEN_FILE'].filter(has);
  if (given === undefined) return 'azure-cli';
  const missing = [
    ...(has('AZURE_CLIENT_ID') ? [] : ['AZURE_CLIENT_ID']),
    ...(tenantId === undefined ? ['AZURE_TENANT_ID'] : []),
  ];
  if (missing.length === 0) return given === 'AZURE_CLIENT_SECRET' ? 'client-secret' : 'workload-identity';
  throw new SmartfhirError('MISSING_INPUT', `${given} is set, ${missing.join(' and ')} is not`, {
    fix: `set ${missing.join(' and ')}, or unset ${given} to use the session of the Azure CLI`,
  });
}

const FIX: Readonly<Record<Kind, readonly [fix: string, command: string]>> = {
  'azure-cli': ['sign in with the Azure CLI, to the tenant of smartfhir.yaml', 'az login'],
  'client-secret': [
    'check AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET (its value, not its id, and not expired)',
    'smartfhir explain AUTH_FAILED',
  ],
  'workload-identity': [
    'check that the federated credential of AZURE_CLIENT_ID matches issuer and subject of the token',
    'smartfhir explain AUTH_FAILED',
  ],
};

function noAzureCli(cause: unknown): SmartfhirError {
  return new SmartfhirError('AUTH_FAILED', 'there is nothing to sign in with', {
    why: 'the Azure CLI is not installed here, and AZURE_CLIENT_SECRET and AZURE_FEDERATED_TOKEN_FILE are not set',
    fix: 'install the Azure CLI (https://aka.ms/azure-cli) and sign in, or set AZURE_CLIENT_ID, AZURE_TENANT_ID and AZURE_CLIENT_SECRET; without any Azure: --local',
    command: 'az login',
    cause,
  });
}

function explained(inner: Credential, kind: Kind): Credential {
  return {
    getToken: async (scopes, options) => {
      try {
        return await inner.getToken(scopes, options);
      } catch (error) {
        if (/Azure CLI could not be found/i.test(messageOf(error))) throw noAzureCli(error);
        const code = /AADSTS\d+/.exec(messageOf(error))?.[0];
        const [fix, command] = FIX[kind];
        throw new SmartfhirError(
          'AUTH_FAILED',
          `signing in with ${kind} failed${code === undefined ? '' : `: ${code}`}`,
          { fix, command: code === undefined ? command : `smartfhir explain ${code}`, cause: error },
        );
      }
    },
  };
}

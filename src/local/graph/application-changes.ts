import { randomUUID, X509Certificate } from 'node:crypto';
import type { Directory } from '../directory/directory.ts';
import type { Application, KeyCredential } from '../directory/objects.ts';
import { demandValidApplication } from './application-rules.ts';
import { badRequest, GraphError } from './graph-error.ts';
import { demandRedirectUris } from './redirect-uri-rules.ts';

/** A checked body: any property may be missing, nested ones too. */
export type ApplicationBody = Partial<
  Omit<Application, 'api' | 'web' | 'spa' | 'publicClient' | 'keyCredentials'>
> & {
  readonly api?: Partial<Application['api']>;
  readonly web?: Partial<Application['web']>;
  readonly spa?: Partial<Application['spa']>;
  readonly publicClient?: Partial<Application['publicClient']>;
  readonly keyCredentials?: readonly KeyCredentialBody[];
};

interface KeyCredentialBody
  extends Partial<Omit<KeyCredential, 'keyId' | 'key' | 'startDateTime' | 'endDateTime'>> {
  readonly keyId?: string | null;
  readonly key?: string | null;
}

/**
 * The application with the body's changes: complex properties are merged, collections replaced as a whole.
 *
 * @param before the stored state of an update; undefined when the application is being created
 * @throws GraphError
 */
export function changedApplication(
  directory: Directory,
  base: Application,
  body: ApplicationBody,
  before: Application | undefined,
): Application {
  const { api, web, spa, publicClient, keyCredentials, ...plain } = body;
  if (before !== undefined && plain.uniqueName !== undefined && plain.uniqueName !== before.uniqueName) {
    throw badRequest("Property 'uniqueName' cannot be changed once it is set.");
  }
  const changed: Application = {
    ...base,
    ...plain,
    api: { ...base.api, ...api },
    web: { ...base.web, ...web },
    spa: { ...base.spa, ...spa },
    publicClient: { ...base.publicClient, ...publicClient },
    keyCredentials:
      keyCredentials === undefined
        ? base.keyCredentials
        : keyCredentials.map((item) => storedKey(item, base)),
  };
  demandRedirectUris(changed);
  demandValidApplication(directory, changed, before);
  return changed;
}

/** A known `keyId` without `key` keeps its certificate. @throws GraphError 400 */
function storedKey(body: KeyCredentialBody, base: Application): KeyCredential {
  const known = base.keyCredentials.find((item) => item.keyId === body.keyId);
  if (body.key === undefined || body.key === null) {
    if (known !== undefined) return known;
    throw new GraphError(400, 'KeyCredentialsInvalidKey', 'New key credentials must have a certificate.');
  }
  const certificate = certificateOf(body.key);
  return {
    keyId: body.keyId ?? randomUUID(),
    type: 'AsymmetricX509Cert',
    usage: 'Verify',
    key: certificate.raw.toString('base64'),
    displayName: body.displayName ?? certificate.subject,
    startDateTime: new Date(certificate.validFrom).toISOString(),
    endDateTime: new Date(certificate.validTo).toISOString(),
  };
}

function certificateOf(base64: string): X509Certificate {
  try {
    return new X509Certificate(Buffer.from(base64, 'base64'));
  } catch {
    throw new GraphError(400, 'KeyCredentialsInvalidKey', 'The key is not a valid X.509 certificate.');
  }
}

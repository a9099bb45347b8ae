import type { Directory } from '../directory/directory.ts';
import type { Application, PasswordCredential } from '../directory/objects.ts';

/** An application as Graph shows it: credentials without their secrets. */
export function presentApplication(directory: Directory, application: Application): Record<string, unknown> {
  const { ownerId: _ownerId, passwordCredentials, keyCredentials, optionalClaims, ...shown } = application;
  return {
    ...shown,
    deletedDateTime: null,
    publisherDomain: directory.verifiedDomains[0] ?? null,
    disabledByMicrosoftStatus: null,
    appRoles: application.appRoles.map((role) => ({ ...role, origin: 'Application' })),
    optionalClaims,
    keyCredentials: keyCredentials.map((item) => ({ ...item, key: null })),
    passwordCredentials: passwordCredentials.map((item) => presentPassword(item)),
  };
}

/** @param secretText shown once, in the answer of `addPassword` */
export function presentPassword(
  credential: PasswordCredential,
  secretText: string | null = null,
): Record<string, unknown> {
  const { secretHash: _secretHash, ...shown } = credential;
  return { customKeyIdentifier: null, ...shown, secretText };
}

import { randomUUID } from 'node:crypto';
import { directoryOf, permissionScopesOf } from '../directory/directory.ts';
import type { Fabric } from '../fabric.ts';
import { AadError } from './aadsts.ts';
import type { Client } from './client-authentication.ts';
import type { MissingConsent } from './scopes.ts';

/**
 * Users may agree to permissions of type User only.
 *
 * @throws AadError 90094
 */
export function demandUserConsentable(client: Client, missing: readonly MissingConsent[]): void {
  const needsAdmin = missing.some((item) => item.scopes.some((scope) => scope.type === 'Admin'));
  if (!needsAdmin) return;
  throw new AadError(
    90094,
    `${client.principal.displayName} needs permission to access resources in your organization that only an admin ` +
      'can grant. Please ask an admin to grant permission to this app before you can use it.',
  );
}

/** Writes the consent as grants of this user, merged with what was consented before. Takes effect at once. */
export function recordConsent(
  fabric: Fabric,
  client: Client,
  userId: string,
  agreed: readonly MissingConsent[],
): void {
  const { grants } = directoryOf(fabric);
  for (const { resource, scopes } of agreed) {
    const existing = grants
      .all()
      .find(
        (item) =>
          item.clientId === client.principal.id &&
          item.resourceId === resource.principal.id &&
          item.consentType === 'Principal' &&
          item.principalId === userId,
      );
    const before = existing?.scope.split(' ').filter((value) => value !== '') ?? [];
    const known = permissionScopesOf(resource).map((item) => item.value);
    const values = new Set([
      ...before.filter((value) => known.includes(value)),
      ...scopes.map((item) => item.value),
    ]);
    grants.putNow({
      id: existing?.id ?? randomUUID(),
      clientId: client.principal.id,
      resourceId: resource.principal.id,
      consentType: 'Principal',
      principalId: userId,
      scope: [...values].join(' '),
    });
  }
}

/** @throws AadError 65001; the OAuth error differs between authorize and token endpoint */
export function consentRequired(client: Client, error: 'consent_required' | 'invalid_grant'): AadError {
  return new AadError(
    65001,
    `The user or administrator has not consented to use the application with ID '${client.principal.appId}' named ` +
      `'${client.principal.displayName}'. Send an interactive authorization request for this user and resource.`,
    error === 'invalid_grant' ? { error, suberror: 'consent_required' } : { error },
  );
}

import { authenticate, BearerError } from '../bearer.ts';
import { STORAGE_INVALID_TOKEN_STATUS, STORAGE_NEWEST_VERSION } from '../beliefs.ts';
import type { Fabric } from '../fabric.ts';
import { isAllowed } from '../rbac.ts';
import type { Account } from './account.ts';
import { type SharedAccess, verifySharedAccess } from './shared-access.ts';
import { notImitated, StorageError } from './storage-error.ts';

/** One thing a caller wants to do. */
export interface Wish {
  /** RBAC actions of which one suffices. */
  readonly actions: readonly string[];
  readonly data: boolean;
  /** ARM id the action is about. */
  readonly scope: string;
  /** Letters of which a shared access signature must have one; undefined: none suffices. */
  readonly letters?: string;
}

/** Who calls: an object id with its roles, or a signature with its letters. */
export interface Access {
  readonly principalId: string | undefined;
  readonly overrides: Readonly<Record<string, string>>;
  /** @throws StorageError 403 */
  require(wish: Wish): void;
}

/** @throws StorageError 401 or 403 */
export async function identify(
  fabric: Fabric,
  account: Account,
  request: Request,
  query: URLSearchParams,
  place: { readonly container: string; readonly blob: string | undefined } | undefined,
): Promise<Access> {
  const header = request.headers.get('authorization');
  if (header === null && query.has('sig')) {
    if (place === undefined) throw notImitated('Shared access to tables and accounts');
    return signed(fabric, verifySharedAccess(fabric, account, query, place.container, place.blob));
  }
  if (header !== null && /^SharedKey(Lite)? /.test(header)) throw sharedKey(account);
  return bearer(fabric, account, request);
}

async function bearer(fabric: Fabric, account: Account, request: Request): Promise<Access> {
  try {
    const audiences = ['https://storage.azure.com', account.origin];
    const { oid } = await authenticate(fabric, request, { audiences });
    return {
      principalId: oid,
      overrides: {},
      require(wish) {
        if (!hasRole(fabric, oid, wish)) throw mismatch();
      },
    };
  } catch (error) {
    if (!(error instanceof BearerError)) throw error;
    throw unauthenticated(fabric, error.reason);
  }
}

/** A signature made with a delegation key can do no more than the person it stands for can do now. */
function signed(fabric: Fabric, access: SharedAccess): Access {
  const { principalId, overrides } = access;
  return {
    principalId,
    overrides,
    require(wish) {
      const letters = [...(wish.letters ?? '')];
      if (!letters.some((letter) => access.permissions.has(letter))) throw mismatch();
      if (principalId !== undefined && !hasRole(fabric, principalId, wish)) throw mismatch();
    },
  };
}

function hasRole(fabric: Fabric, principalId: string, { actions, data, scope }: Wish): boolean {
  return actions.some((action) => isAllowed(fabric, { principalId, scope, action, data }));
}

function mismatch(): StorageError {
  return new StorageError(
    403,
    'AuthorizationPermissionMismatch',
    'This request is not authorized to perform this operation using this permission.',
  );
}

function sharedKey(account: Account): StorageError {
  if (account.sharedKeyAllowed) return notImitated('Shared key authorization');
  return new StorageError(
    403,
    'KeyBasedAuthenticationNotPermitted',
    'Key based authentication is not permitted on this storage account.',
  );
}

function unauthenticated(fabric: Fabric, reason: BearerError['reason']): StorageError {
  const challenge = `Bearer authorization_uri=https://login.microsoftonline.com/${fabric.tenantId}/oauth2/authorize resource_id=https://storage.azure.com`;
  const headers = { 'www-authenticate': challenge };
  if (reason === 'missing') {
    return new StorageError(
      401,
      'NoAuthenticationInformation',
      'Server failed to authenticate the request. Please refer to the information in the www-authenticate header.',
      headers,
    );
  }
  const message = `Server failed to authenticate the request. Please refer to the information in the www-authenticate header (${reason}).`;
  return new StorageError(STORAGE_INVALID_TOKEN_STATUS, 'InvalidAuthenticationInfo', message, headers);
}

/** @throws StorageError 400 unless `x-ms-version` (or the signature's `sv`) is a version the service has */
export function requireVersion(request: Request, query: URLSearchParams): string {
  const version = request.headers.get('x-ms-version') ?? query.get('sv');
  if (version === null || version === '') {
    throw new StorageError(
      400,
      'MissingRequiredHeader',
      'An HTTP header that is mandatory for this request is not specified: x-ms-version.',
    );
  }
  if (!/^\d{4}-\d{2}-\d{2}$/.test(version) || version < '2017-11-09' || version > STORAGE_NEWEST_VERSION) {
    throw new StorageError(
      400,
      'InvalidHeaderValue',
      `The value for one of the HTTP headers is not in the correct format: x-ms-version: ${version.slice(0, 40)}.`,
    );
  }
  return version;
}

import type { Context } from 'hono';
import { type AccessClaims, authenticate, BearerError, type BearerFailure } from '../bearer.ts';
import { GRAPH_APP_ID } from '../directory/first-party.ts';
import type { Fabric } from '../fabric.ts';
import { GraphError } from './graph-error.ts';

/** What every handler may rely on. */
export interface GraphEnv {
  Variables: { readonly claims: AccessClaims; readonly requestId: string };
}

export type GraphContext = Context<GraphEnv>;

const AUDIENCES = ['https://graph.microsoft.com', GRAPH_APP_ID];

const TEXTS: Readonly<Record<BearerFailure, string>> = {
  missing: 'Access token is empty.',
  malformed: 'IDX14100: JWT is not well formed, there are no dots (.).',
  signature: 'Signature is invalid.',
  issuer: 'Access token validation failure. Invalid issuer.',
  audience: 'Access token validation failure. Invalid audience.',
  expired: 'Lifetime validation failed, the token is expired.',
};

/** @throws GraphError 401 InvalidAuthenticationToken */
export async function authenticateCaller(fabric: Fabric, request: Request): Promise<AccessClaims> {
  try {
    return await authenticate(fabric, request, { audiences: AUDIENCES });
  } catch (error) {
    if (error instanceof BearerError)
      throw new GraphError(401, 'InvalidAuthenticationToken', TEXTS[error.reason]);
    throw error;
  }
}

/**
 * Refuses a caller without any of the permissions. An `OwnedBy` permission counts only for what the caller owns.
 *
 * @param ownerId owner of the object; undefined where nothing is owned (lists)
 * @throws GraphError 403 Authorization_RequestDenied
 */
export function demandPermission(
  c: GraphContext,
  permissions: readonly string[],
  ownerId?: string | null,
): void {
  const { roles, scopes, appOnly, oid } = c.get('claims');
  const held = appOnly ? roles : scopes;
  const owns = ownerId !== undefined && ownerId === oid;
  const fits = permissions.some((name) => held.includes(name) && (!name.endsWith('.OwnedBy') || owns));
  if (fits) return;
  throw new GraphError(
    403,
    'Authorization_RequestDenied',
    'Insufficient privileges to complete the operation.',
  );
}

/** Does the caller act under a permission for owned objects only? */
export function onlyOwned(c: GraphContext): boolean {
  const { roles, scopes, appOnly } = c.get('claims');
  const held = appOnly ? roles : scopes;
  return !held.includes('Application.ReadWrite.All') && !held.includes('Directory.ReadWrite.All');
}

export const READ_APPLICATIONS = [
  'Application.Read.All',
  'Application.ReadWrite.All',
  'Application.ReadWrite.OwnedBy',
  'Directory.Read.All',
  'Directory.ReadWrite.All',
] as const;

export const WRITE_APPLICATIONS = ['Application.ReadWrite.All', 'Application.ReadWrite.OwnedBy'] as const;

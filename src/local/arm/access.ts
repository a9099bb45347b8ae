import { authenticate, BearerError } from '../bearer.ts';
import type { Fabric } from '../fabric.ts';
import { isAllowed } from '../rbac.ts';
import { ArmError } from './resource-type.ts';
import { errorBody, respond } from './respond.ts';

/** `aud` of tokens for Azure Resource Manager; both spellings and the older service are accepted by Azure. */
const AUDIENCES = [
  'https://management.azure.com',
  'https://management.azure.com/',
  'https://management.core.windows.net/',
];

export interface Caller {
  /** `oid` */
  readonly principalId: string;
  readonly clientId: string;
}

/** Who calls, or the 401 that says why nobody does. */
export async function identify(fabric: Fabric, request: Request): Promise<Caller | Response> {
  try {
    const claims = await authenticate(fabric, request, { audiences: AUDIENCES });
    return { principalId: claims.oid, clientId: claims.clientId };
  } catch (error) {
    if (!(error instanceof BearerError)) throw error;
    const [code, message] = REASONS[error.reason];
    const challenge =
      `Bearer authorization_uri="https://login.microsoftonline.com/${fabric.tenantId}", ` +
      `error="invalid_token", error_description="${message}"`;
    return respond(401, errorBody(new ArmError(401, code, message)), { 'www-authenticate': challenge });
  }
}

const REASONS: Readonly<Record<BearerError['reason'], readonly [string, string]>> = {
  missing: ['AuthenticationFailed', "Authentication failed. The 'Authorization' header is missing."],
  malformed: ['InvalidAuthenticationToken', 'The access token is invalid.'],
  signature: ['InvalidAuthenticationToken', 'The access token has an invalid signature.'],
  issuer: ['InvalidAuthenticationTokenTenant', 'The access token is from the wrong issuer.'],
  audience: [
    'InvalidAuthenticationTokenAudience',
    "The access token has been obtained for wrong audience or resource. It should exactly match with one of the allowed audiences 'https://management.core.windows.net/','https://management.azure.com'.",
  ],
  expired: [
    'ExpiredAuthenticationToken',
    'The access token expiry UTC time is earlier than current UTC time.',
  ],
};

/** @throws ArmError 403 unless a role assignment allows the action */
export function authorize(fabric: Fabric, caller: Caller, action: string, scope: string): void {
  if (isAllowed(fabric, { principalId: caller.principalId, scope, action, data: false })) return;
  throw new ArmError(
    403,
    'AuthorizationFailed',
    `The client '${caller.clientId}' with object id '${caller.principalId}' does not have authorization to perform action '${action}' over scope '${scope}' or the scope is invalid. If access was recently granted, please refresh your credentials.`,
  );
}

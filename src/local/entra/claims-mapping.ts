import { ENTRA_MAPPED_CLAIMS_REFUSE_API_URI } from '../beliefs.ts';
import type { Directory, Resource } from '../directory/directory.ts';
import type { OptionalClaim, User } from '../directory/objects.ts';
import { AadError } from './aadsts.ts';

interface ClaimRule {
  readonly Source?: string;
  readonly ID?: string;
  readonly ExtensionID?: string;
  readonly Value?: string;
  readonly JwtClaimType?: string;
}

/** Claims no policy may set (a part of Microsoft's restricted claim set: what protocol and services decide on). */
const RESTRICTED = new Set(
  (
    'aio alternativesecid altsecid appid appidacr app_displayname aud auth_time azp azpacr client_id c_hash at_hash ' +
    'exp groups hasgroups iat idp idtyp iss jti nbf nonce oid platf puid role roles scope scp sid sub tid uti ver ' +
    'wids xms_mirid'
  ).split(' '),
);

const USER_FIELDS: Readonly<Record<string, (user: User) => string | null>> = {
  department: (user) => user.department,
  displayname: (user) => user.displayName,
  givenname: (user) => user.givenName,
  jobtitle: (user) => user.jobTitle,
  mail: (user) => user.mail,
  mailnickname: (user) => user.mailNickname,
  objectid: (user) => user.id,
  surname: (user) => user.surname,
  userprincipalname: (user) => user.userPrincipalName,
};

/**
 * Claims that the policy on the token's audience adds: the resource for access tokens, the client for id_tokens.
 *
 * @throws AadError 50146 when the application does not accept mapped claims, 501461 when its audience is not allowed to
 */
export function mappedClaims(
  directory: Directory,
  target: Resource,
  audience: string,
  user: User | undefined,
): Record<string, unknown> {
  const [policyId] = target.principal.claimsMappingPolicies;
  const policy = policyId === undefined ? undefined : directory.claimsMappingPolicies.get(policyId);
  if (policy === undefined) return {};
  demandAcceptance(directory, target, audience);
  const claims: Record<string, unknown> = {};
  for (const rule of rulesOf(policy.definition[0])) {
    const name = rule.JwtClaimType;
    const value = claimValue(rule, user);
    if (name === undefined || RESTRICTED.has(name.toLowerCase()) || value === undefined) continue;
    claims[name] = value;
  }
  return claims;
}

/** Directory extensions asked for as optional claims are named `extn.{name}`; the others keep their name. */
export function optionalClaims(
  wanted: readonly OptionalClaim[] | undefined,
  user: User | undefined,
): Record<string, unknown> {
  const claims: Record<string, unknown> = {};
  for (const claim of wanted ?? []) {
    if (user === undefined) continue;
    const extension = /^extension_[0-9a-f]{32}_(.+)$/i.exec(claim.name);
    if (extension !== null) {
      const value = user.extensions[claim.name];
      if (value !== undefined) claims[`extn.${extension[1]}`] = value;
      continue;
    }
    const value = OPTIONAL_FIELDS[claim.name]?.(user);
    if (value !== null && value !== undefined) claims[claim.name] = value;
  }
  return claims;
}

const OPTIONAL_FIELDS: Readonly<Record<string, (user: User) => string | number | null>> = {
  acct: (user) => (user.userType === 'Guest' ? 1 : 0),
  email: (user) => user.mail,
  family_name: (user) => user.surname,
  given_name: (user) => user.givenName,
  login_hint: (user) => Buffer.from(`O.${user.id}`).toString('base64url'),
  upn: (user) => user.userPrincipalName,
};

function demandAcceptance(directory: Directory, { application }: Resource, audience: string): void {
  if (application?.api.acceptMappedClaims !== true) {
    throw new AadError(
      50146,
      'This application is required to be configured with an application-specific signing key. It is either not ' +
        'configured with one, or the key has expired or is not yet valid.',
    );
  }
  if (audience.toLowerCase() === application.appId) return;
  if (isOnVerifiedDomain(directory, audience)) return;
  if (!ENTRA_MAPPED_CLAIMS_REFUSE_API_URI && audience === `api://${application.appId}`) return;
  throw new AadError(
    501461,
    'AcceptMappedClaims is only supported for a token audience matching the application GUID or an audience within ' +
      "the tenant's verified domains. Either change the resource identifier, or use an application-specific signing key.",
  );
}

function isOnVerifiedDomain(directory: Directory, audience: string): boolean {
  if (!URL.canParse(audience)) return false;
  const { hostname } = new URL(audience);
  return directory.verifiedDomains.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`));
}

function rulesOf(definition: string | undefined): readonly ClaimRule[] {
  if (definition === undefined) return [];
  const parsed = JSON.parse(definition) as { ClaimsMappingPolicy?: { ClaimsSchema?: ClaimRule[] } };
  return parsed.ClaimsMappingPolicy?.ClaimsSchema ?? [];
}

function claimValue(rule: ClaimRule, user: User | undefined): unknown {
  if (rule.Value !== undefined) return rule.Value;
  if (rule.Source?.toLowerCase() !== 'user' || user === undefined) return undefined;
  if (rule.ExtensionID !== undefined) return user.extensions[rule.ExtensionID];
  if (rule.ID === undefined) return undefined;
  return USER_FIELDS[rule.ID.toLowerCase()]?.(user) ?? undefined;
}

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Fabric } from '../fabric.ts';
import type { Account } from './account.ts';
import { delegationKeyValue } from './delegation-key.ts';
import { notImitated, StorageError } from './storage-error.ts';

/** A shared access signature whose signature and times hold. */
export interface SharedAccess {
  /** Letters of `sp`. */
  readonly permissions: ReadonlySet<string>;
  /** `oid` of who the signature speaks for; undefined when it was signed with an account key. */
  readonly principalId: string | undefined;
  /** Answer headers the signature replaces (`rscc`, `rscd`, `rsce`, `rscl`, `rsct`). */
  readonly overrides: Readonly<Record<string, string>>;
}

const OLDEST_VERSION = '2020-12-06';
/** Parameters that would change what a signature means and that are not imitated. */
const REFUSED = ['si', 'ses', 'sdd', 'snapshot', 'versionid', 'srh', 'srq', 'ss', 'srt'];
const RESPONSE_HEADERS = {
  rscc: 'cache-control',
  rscd: 'content-disposition',
  rsce: 'content-encoding',
  rscl: 'content-language',
  rsct: 'content-type',
} as const;

/**
 * Verifies the signature of a request on a blob or container.
 *
 * @throws StorageError 403 `AuthenticationFailed` for anything that does not hold, 501 for what is not imitated
 */
export function verifySharedAccess(
  fabric: Fabric,
  account: Account,
  query: URLSearchParams,
  container: string,
  blob: string | undefined,
): SharedAccess {
  const refused = REFUSED.find((name) => query.has(name));
  if (refused !== undefined) throw notImitated(`The parameter ${refused} of shared access signatures`);
  for (const name of new Set(query.keys())) {
    if (query.getAll(name).length > 1) throw failed(`the parameter ${name} is repeated`);
  }
  const version = query.get('sv') ?? '';
  if (!/^\d{4}-\d{2}-\d{2}$/.test(version)) throw failed('sv is mandatory');
  if (version < OLDEST_VERSION) throw notImitated(`The version ${version} of shared access signatures`);
  const resource = query.get('sr') ?? '';
  if (resource !== 'b' && resource !== 'c')
    throw notImitated(`The resource kind ${resource} of shared access signatures`);
  if (resource === 'b' && blob === undefined) throw failed('sr is invalid: the signature is for a blob');
  const delegated = query.has('skoid');
  const subject = `/blob/${account.name}/${container}${resource === 'b' ? `/${blob}` : ''}`;
  const text = (delegated ? delegatedText(query, subject, version) : serviceText(query, subject)).join('\n');
  requireSignature(
    query.get('sig') ?? '',
    text,
    delegated ? [delegatedKey(fabric, account, query)] : keysOf(account),
  );
  requireTimes(fabric, query);
  return {
    permissions: new Set(query.get('sp') ?? ''),
    principalId: delegated ? (query.get('skoid') ?? '') : undefined,
    overrides: Object.fromEntries(
      Object.entries(RESPONSE_HEADERS)
        .map(([name, header]) => [header, query.get(name)])
        .filter((entry): entry is [string, string] => entry[1] !== null),
    ),
  };
}

/** String to sign of a service signature, version 2020-12-06 and later. */
function serviceText(query: URLSearchParams, subject: string): string[] {
  const of = (name: string): string => query.get(name) ?? '';
  return [
    of('sp'),
    of('st'),
    of('se'),
    subject,
    '',
    of('sip'),
    of('spr'),
    of('sv'),
    of('sr'),
    '',
    '',
    ...overrides(of),
  ];
}

/** String to sign of a user delegation signature; two members came in 2025-07-05, two more in 2026-04-06. */
function delegatedText(query: URLSearchParams, subject: string, version: string): string[] {
  const of = (name: string): string => query.get(name) ?? '';
  return [
    ...[of('sp'), of('st'), of('se'), subject],
    ...[
      of('skoid'),
      of('sktid'),
      of('skt'),
      of('ske'),
      of('sks'),
      of('skv'),
      of('saoid'),
      of('suoid'),
      of('scid'),
    ],
    ...(version >= '2025-07-05' ? [of('skdutid'), of('sduoid')] : []),
    ...[of('sip'), of('spr'), of('sv'), of('sr'), '', ''],
    ...(version >= '2026-04-06' ? ['', ''] : []),
    ...overrides(of),
  ];
}

function overrides(of: (name: string) => string): string[] {
  return [of('rscc'), of('rscd'), of('rsce'), of('rscl'), of('rsct')];
}

function delegatedKey(fabric: Fabric, account: Account, query: URLSearchParams): string {
  const of = (name: string): string => query.get(name) ?? '';
  if (of('sktid').toLowerCase() !== fabric.tenantId.toLowerCase())
    throw failed('sktid is not the tenant of the account');
  if (of('sks') !== 'b') throw failed('sks is invalid');
  if (query.has('sduoid') || query.has('skdutid')) throw notImitated('Signatures bound to another user');
  const now = fabric.clock.now();
  if (!(now >= Date.parse(of('skt')) && now <= Date.parse(of('ske'))))
    throw failed('the delegation key is not valid now');
  if (Date.parse(of('se')) > Date.parse(of('ske'))) throw failed('se lies behind ske');
  return delegationKeyValue(fabric, account, {
    objectId: of('skoid'),
    tenantId: of('sktid'),
    start: of('skt'),
    expiry: of('ske'),
    service: of('sks'),
    version: of('skv'),
  });
}

function keysOf(account: Account): string[] {
  if (account.sharedKeyAllowed) return account.keys.map(({ value }) => value);
  throw new StorageError(
    403,
    'KeyBasedAuthenticationNotPermitted',
    'Key based authentication is not permitted on this storage account.',
  );
}

function requireSignature(given: string, text: string, keys: readonly string[]): void {
  const signature = Buffer.from(given, 'base64');
  const holds = keys.some((key) => {
    const expected = createHmac('sha256', Buffer.from(key, 'base64')).update(text, 'utf8').digest();
    return expected.length === signature.length && timingSafeEqual(expected, signature);
  });
  if (!holds) throw failed('the signature did not match');
}

/** The times in the signature, and that it is used over HTTPS from anywhere. */
function requireTimes(fabric: Fabric, query: URLSearchParams): void {
  const now = fabric.clock.now();
  const start = query.get('st');
  const expiry = Date.parse(query.get('se') ?? '');
  if (Number.isNaN(expiry)) throw failed('se is mandatory');
  if (start !== null && !(Date.parse(start) <= now)) throw failed('the signature is not valid yet');
  if (expiry <= now) throw failed('the signature has expired');
  const protocol = query.get('spr');
  if (protocol !== null && protocol !== 'https' && protocol !== 'https,http') throw failed('spr is invalid');
  if (query.has('sip')) {
    throw new StorageError(
      403,
      'AuthorizationSourceIPMismatch',
      'This request is not authorized to perform this operation using this source IP.',
    );
  }
}

function failed(reason: string): StorageError {
  return new StorageError(
    403,
    'AuthenticationFailed',
    `Server failed to authenticate the request. Make sure the value of Authorization header is formed correctly including the signature (${reason}).`,
  );
}

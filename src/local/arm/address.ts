import { ArmError } from './resource-type.ts';

/** A path of Azure Resource Manager, taken apart. */
export interface Address {
  /** The path without doubled or trailing slashes, in the caller's case. */
  readonly path: string;
  readonly segments: readonly string[];
  readonly subscriptionId: string | undefined;
  readonly groupName: string | undefined;
  /** What lies before the last `/providers/`; the whole path when there is none. */
  readonly scope: string;
  /** `Microsoft.KeyVault`, undefined without `/providers/`. */
  readonly namespace: string | undefined;
  /** Type and name segments after the namespace, alternating. */
  readonly tail: readonly string[];
}

/**
 * Takes a path apart. SDK clients send `//subscriptions/…` for ids that start with a slash: slashes are collapsed.
 *
 * @throws ArmError 400 when a segment cannot be decoded
 */
export function parseAddress(pathname: string): Address {
  const segments = pathname
    .split('/')
    .filter((part) => part !== '')
    .map(decode);
  const path = `/${segments.join('/')}`;
  const is = (index: number, word: string): boolean => segments[index]?.toLowerCase() === word;
  const subscriptionId = is(0, 'subscriptions') ? segments[1] : undefined;
  const groupName = subscriptionId !== undefined && is(2, 'resourcegroups') ? segments[3] : undefined;
  const at = segments.findLastIndex((part) => part.toLowerCase() === 'providers');
  if (at < 0) {
    return { path, segments, subscriptionId, groupName, scope: path, namespace: undefined, tail: [] };
  }
  const scope = at === 0 ? '' : `/${segments.slice(0, at).join('/')}`;
  const namespace = segments[at + 1];
  return { path, segments, subscriptionId, groupName, scope, namespace, tail: segments.slice(at + 2) };
}

/** Resource type of alternating segments: `Microsoft.Web/sites/config`. */
export function typeOf(namespace: string, tail: readonly string[]): string {
  return [namespace, ...tail.filter((_, index) => index % 2 === 0)].join('/');
}

/** Id of the resource one level up within its provider, or undefined for a top-level resource. */
export function parentOf(id: string): string | undefined {
  const { scope, namespace, tail } = parseAddress(id);
  if (namespace === undefined || tail.length <= 2) return undefined;
  return `${scope}/providers/${namespace}/${tail.slice(0, -2).join('/')}`;
}

function decode(segment: string): string {
  try {
    const text = decodeURIComponent(segment);
    if (text.includes('/') || text === '.' || text === '..') throw new URIError('bad segment');
    return text;
  } catch {
    throw new ArmError(400, 'InvalidRequestUri', 'The request URI is not valid.');
  }
}

import type { Application } from '../directory/objects.ts';

/** Where a redirect URI is registered decides how its codes may be redeemed. */
export type Platform = 'web' | 'spa' | 'publicClient';

const PLATFORMS: readonly Platform[] = ['web', 'spa', 'publicClient'];

/**
 * The platform whose registered redirect URI this is; undefined when none (Entra redirect URI restrictions:
 * exact, case-sensitive).
 */
export function platformOf(application: Application, redirectUri: string): Platform | undefined {
  const wanted = comparable(redirectUri);
  if (wanted === undefined) return undefined;
  return PLATFORMS.find((platform) =>
    application[platform].redirectUris.some((registered) => comparable(registered) === wanted),
  );
}

export function hasRedirectUris(application: Application): boolean {
  return PLATFORMS.some((platform) => application[platform].redirectUris.length > 0);
}

/** On loopback the port does not count (RFC 8252 section 7.3); a URI without path equals the one with a slash. */
function comparable(uri: string): string | undefined {
  if (!URL.canParse(uri) || uri.includes('#')) return undefined;
  const url = new URL(uri);
  const isLoopback = url.hostname === 'localhost' || url.hostname === '127.0.0.1';
  const withoutPort =
    isLoopback && url.protocol === 'http:' ? uri.replace(/^(http:\/\/[^/:?]+):\d+/i, '$1') : uri;
  return /^https?:\/\/[^/?]+$/i.test(withoutPort) ? `${withoutPort}/` : withoutPort;
}

import type { Application } from '../directory/objects.ts';
import { badRequest, type GraphError } from './graph-error.ts';

const FORBIDDEN = /[!$'(),;*\s]/;

/** What may be registered as a redirect URI (Entra ID: redirect URI restrictions). @throws GraphError 400 */
export function demandRedirectUris(application: Application): void {
  const { web, spa, publicClient } = application;
  for (const uri of [...web.redirectUris, ...spa.redirectUris]) demandWebUri(uri);
  for (const uri of publicClient.redirectUris) demandUri(uri);
  const all = [...web.redirectUris, ...spa.redirectUris, ...publicClient.redirectUris];
  const twice = all.find((uri, index) => all.indexOf(uri) !== index);
  if (twice !== undefined) throw refused(twice, 'a redirect URI can be registered once, for one platform');
}

function demandWebUri(uri: string): void {
  const { protocol, hostname } = demandUri(uri);
  const isLoopback = hostname === 'localhost' || hostname === '127.0.0.1';
  if (protocol === 'https:' || (protocol === 'http:' && isLoopback)) return;
  throw refused(uri, "it must start with 'https' or 'http://localhost'");
}

function demandUri(uri: string): URL {
  if (!URL.canParse(uri)) throw refused(uri, 'it must be an absolute URI');
  const url = new URL(uri);
  if (FORBIDDEN.test(uri)) throw refused(uri, 'it holds a character that is not allowed');
  if (uri.includes('#')) throw refused(uri, 'it must not have a fragment');
  if (url.hostname === '[::1]') throw refused(uri, 'the IPv6 loopback address is not supported');
  if (url.username !== '' || url.password !== '') throw refused(uri, 'it must not hold credentials');
  return url;
}

function refused(uri: string, why: string): GraphError {
  return badRequest(
    `Invalid value specified for property 'redirectUris' of resource 'Application': '${uri}', ${why}.`,
    [{ code: 'InvalidValue', message: why, target: 'redirectUris' }],
  );
}

/**
 * OData key segments as plain ones, which a router can match: `applications(appId='x')` becomes
 * `applications/appId=x`, `applications('id')` becomes `applications/id`.
 */
export function withPlainKeys(url: string): string {
  const parsed = new URL(url);
  parsed.pathname = parsed.pathname.split('/').map(plain).join('/');
  return parsed.href;
}

function plain(segment: string): string {
  const decoded = withoutEscapes(segment);
  const named = /^(\w+)\((\w+)='(.*)'\)$/s.exec(decoded);
  if (named !== null) return `${named[1]}/${named[2]}=${encodeURIComponent(unquoted(named[3]))}`;
  const bare = /^(\w+)\('(.*)'\)$/s.exec(decoded);
  if (bare !== null) return `${bare[1]}/${encodeURIComponent(unquoted(bare[2]))}`;
  return segment;
}

function withoutEscapes(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}

function unquoted(text = ''): string {
  return text.replaceAll("''", "'");
}

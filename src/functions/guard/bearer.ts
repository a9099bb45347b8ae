/**
 * The token of an `Authorization: Bearer` header (RFC 6750 section 2.1), the only way we take one. Undefined without
 * such a header.
 */
export function bearerToken(request: Request): string | undefined {
  const match = /^\s*bearer\s+(\S+)\s*$/i.exec(request.headers.get('authorization') ?? '');
  return match?.[1];
}

import type { CorsConfiguration } from './service.ts';

/** The answer to a preflight, or undefined when the request is none. */
export function preflight(request: Request, cors: CorsConfiguration): Response | undefined {
  if (request.method !== 'OPTIONS' || request.headers.get('access-control-request-method') === null)
    return undefined;
  const headers = corsHeaders(request.headers.get('origin'), cors);
  if (headers['Access-Control-Allow-Origin'] === undefined) return new Response(null, { status: 204 });
  return new Response(null, {
    status: 204,
    headers: {
      ...headers,
      'Access-Control-Allow-Methods': cors.methods.join(','),
      'Access-Control-Allow-Headers': cors.headers.join(','),
      ...(cors.maxAge === undefined ? {} : { 'Access-Control-Max-Age': String(cors.maxAge) }),
    },
  });
}

export function corsHeaders(origin: string | null, cors: CorsConfiguration): Record<string, string> {
  if (origin === null || !(cors.origins.includes('*') || cors.origins.includes(origin))) return {};
  return {
    'Access-Control-Allow-Origin': cors.origins.includes('*') && !cors.allowCredentials ? '*' : origin,
    ...(cors.allowCredentials ? { 'Access-Control-Allow-Credentials': 'true' } : {}),
    Vary: 'Origin',
  };
}

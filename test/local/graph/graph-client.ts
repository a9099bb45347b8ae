import { Client, type Middleware, MiddlewareFactory } from '@microsoft/microsoft-graph-client';
import type { FetchLike } from '../../../src/core/target.ts';
import { LOGIN_ORIGIN, TENANT_ID, type TestCloud } from '../directory/test-fabric.ts';

/** Microsoft's own Graph client, its last middleware replaced by the cloud's router. */
export function graphClient(cloud: TestCloud): Client {
  const authProvider = { getAccessToken: () => appToken(cloud, 'https://graph.microsoft.com/.default') };
  const chain = MiddlewareFactory.getDefaultMiddlewareChain(authProvider).slice(0, -1);
  const last: Middleware = {
    execute: async (context) => {
      context.response = await cloud.fetch(new Request(context.request, context.options));
    },
  };
  const all = [...chain, last];
  for (const [index, middleware] of all.entries()) {
    const next = all[index + 1];
    if (next !== undefined) middleware.setNext?.(next);
  }
  const [first] = all;
  return Client.initWithMiddleware({ middleware: first! });
}

/** An app-only token by client secret, the deployer's unless told otherwise. */
export async function appToken(
  cloud: TestCloud,
  scope: string,
  client: { clientId: string; clientSecret: string } = cloud.deployer,
): Promise<string> {
  const response = await tokenRequest(cloud.fetch, {
    grant_type: 'client_credentials',
    client_id: client.clientId,
    client_secret: client.clientSecret,
    scope,
  });
  const body = (await response.json()) as { access_token?: string; error_description?: string };
  if (body.access_token === undefined) throw new Error(body.error_description);
  return body.access_token;
}

export function tokenRequest(
  fetch: FetchLike,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(
    new Request(`${LOGIN_ORIGIN}/${TENANT_ID}/oauth2/v2.0/token`, {
      method: 'POST',
      body: new URLSearchParams(fields),
      headers,
    }),
  );
}

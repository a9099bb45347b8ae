import type { FetchLike } from '../../core/target.ts';
import { issueManagedIdentityToken } from '../entra/managed-identity-token.ts';
import type { Fabric } from '../fabric.ts';

/** Where the platform serves tokens of managed identities to the app: link-local, plain HTTP, as on App Service. */
export const IDENTITY_ORIGIN = 'http://169.254.130.2:8081';
export const IDENTITY_ENDPOINT = `${IDENTITY_ORIGIN}/msi/token`;

const API_VERSION = '2019-08-01';

/** Which site a running app's identity header belongs to. */
export type IdentityHeaders = (header: string) => string | undefined;

/** `GET /msi/token?resource=…&api-version=2019-08-01` with `X-IDENTITY-HEADER` (App Service's protocol). */
export function identityEndpoint(fabric: Fabric, siteOf: IdentityHeaders): FetchLike {
  return async (request) => {
    const url = new URL(request.url);
    if (request.method !== 'GET' || url.pathname !== '/msi/token') return new Response(null, { status: 404 });
    const siteId = siteOf(request.headers.get('x-identity-header') ?? '');
    if (siteId === undefined)
      return refusal(401, 'Unauthorized', 'the X-IDENTITY-HEADER is missing or wrong');
    const resources = url.searchParams.getAll('resource');
    const [resource] = resources;
    if (resource === undefined || resource === '' || resources.length > 1) {
      return refusal(400, 'BadRequest', 'exactly one resource is required');
    }
    if (url.searchParams.get('api-version') !== API_VERSION) {
      return refusal(400, 'BadRequest', `api-version ${API_VERSION} is required`);
    }
    for (const name of ['client_id', 'principal_id', 'object_id', 'mi_res_id']) {
      if (url.searchParams.has(name))
        return refusal(400, 'BadRequest', 'only the system-assigned identity exists');
    }
    try {
      return Response.json(await issueManagedIdentityToken(fabric, siteId, resource), {
        headers: { 'cache-control': 'no-store' },
      });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      fabric.log({ standIn: 'functions', level: 'warn', text: `managed identity of ${siteId}: ${text}` });
      return refusal(400, 'BadRequest', 'no managed identity token for this resource');
    }
  };
}

/** `Authorization` of the site's managed identity for one resource. */
export async function identityAuthorization(
  fabric: Fabric,
  siteId: string,
  resource: string,
): Promise<string> {
  const token = await issueManagedIdentityToken(fabric, siteId, resource);
  return `Bearer ${token.access_token}`;
}

function refusal(status: number, code: string, message: string): Response {
  return Response.json({ statusCode: status, code, message }, { status });
}

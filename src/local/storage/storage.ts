import { randomUUID } from 'node:crypto';
import type { Fabric, StandIn } from '../fabric.ts';
import { identify, requireVersion } from './access.ts';
import { type Account, accountAt, requireOpen } from './account.ts';
import { routeBlob } from './blob-routes.ts';
import { blobErrorResponse, commonHeaders, StorageError, tableErrorResponse } from './storage-error.ts';
import { routeTable } from './table-routes.ts';

/** The data plane of storage accounts: block blobs and tables. */
export function storage(fabric: Fabric): StandIn {
  return {
    name: 'storage',
    serves: (host) => accountAt(fabric, host) !== undefined,
    fetch: (request) => answer(fabric, request),
  };
}

async function answer(fabric: Fabric, request: Request): Promise<Response> {
  const url = new URL(request.url);
  const account = accountAt(fabric, url.hostname);
  let version = '';
  try {
    if (account === undefined)
      throw new StorageError(404, 'ResourceNotFound', 'The specified resource does not exist.');
    version = requireVersion(request, url.searchParams);
    requireOpen(account);
    const response = await serve(fabric, account, request, url, version);
    for (const [name, value] of Object.entries(commonHeaders(version, randomUUID())))
      response.headers.set(name, value);
    return echo(fabric, request, response);
  } catch (error) {
    if (!(error instanceof StorageError)) throw error;
    if (error.status === 501) fabric.log({ standIn: 'storage', level: 'warn', text: error.message });
    const context = {
      version,
      time: new Date(fabric.clock.now()).toISOString(),
      bodiless: request.method === 'HEAD',
    };
    const respond = account?.service === 'table' ? tableErrorResponse : blobErrorResponse;
    return echo(fabric, request, respond(error, context));
  }
}

async function serve(
  fabric: Fabric,
  account: Account,
  request: Request,
  url: URL,
  version: string,
): Promise<Response> {
  const query = url.searchParams;
  const path = decodePath(url.pathname.slice(1));
  if (account.service === 'table') {
    const access = await identify(fabric, account, request, query, undefined);
    return routeTable({ fabric, account, access, request, query }, path);
  }
  const slash = path.indexOf('/');
  const container = slash < 0 ? path : path.slice(0, slash);
  const blob = slash < 0 || slash === path.length - 1 ? undefined : path.slice(slash + 1);
  const access = await identify(fabric, account, request, query, { container, blob });
  return routeBlob({ fabric, account, access, request, query, version, container, blob });
}

function echo(fabric: Fabric, request: Request, response: Response): Response {
  const id = request.headers.get('x-ms-client-request-id');
  if (id !== null && id.length <= 1024) response.headers.set('x-ms-client-request-id', id);
  response.headers.set('date', new Date(fabric.clock.now()).toUTCString());
  return response;
}

/** @throws StorageError 400 */
function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    throw new StorageError(
      400,
      'InvalidUri',
      'The requested URI does not represent any resource on the server.',
    );
  }
}

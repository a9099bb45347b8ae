import { join } from 'node:path';
import { messageOf } from '../../core/errors.ts';
import { randomToken, shortHash } from '../../core/ids.ts';
import { Redactor } from '../../core/redact.ts';
import { HOST_NOT_RUNNING } from '../beliefs.ts';
import type { Fabric } from '../fabric.ts';
import type { StoredResource } from '../resources.ts';
import { mayInvoke } from './host-keys.ts';
import { openHostStorage } from './host-storage.ts';
import { resolveSettings } from './key-vault-reference.ts';
import { IDENTITY_ENDPOINT } from './managed-identity.ts';
import { unpack } from './package-files.ts';
import { loadPackage } from './publish.ts';
import { createRouteTable, type RouteTable } from './route-table.ts';
import { activeDeployment, appSettings, siteRecord } from './site-records.ts';
import { startWorker, type Worker } from './worker-process.ts';

/** How a Function process reaches the laptop cloud. */
export interface Outlet {
  /** The loopback proxy, `http://127.0.0.1:port`. */
  readonly proxyUrl: string;
  /** The CA certificate of the proxy. */
  readonly authorityPath: string;
}

interface Running {
  readonly worker: Worker;
  readonly routes: RouteTable;
}

/** The host of one Function app: starts its package when asked first, and afresh after a change. */
export class AppHost {
  readonly #fabric: Fabric;
  readonly #siteId: string;
  readonly #folder: string;
  readonly #outlet: () => Promise<Outlet>;
  readonly #redactor = new Redactor();
  #started: { readonly state: string; readonly running: Promise<Running> } | undefined;
  /** What the running process proves itself with at the identity endpoint. */
  #identityHeader: string | undefined;

  constructor(fabric: Fabric, siteId: string, folder: string, outlet: () => Promise<Outlet>) {
    this.#fabric = fabric;
    this.#siteId = siteId;
    this.#folder = join(folder, shortHash(16, siteId.toLowerCase()));
    this.#outlet = outlet;
  }

  get identityHeader(): string | undefined {
    return this.#identityHeader;
  }

  async fetch(site: StoredResource, request: Request): Promise<Response> {
    const record = siteRecord(this.#fabric, this.#siteId);
    const url = new URL(request.url);
    if (url.pathname === '/admin/host/status') {
      if (!mayInvoke(record, 'admin', request)) return new Response(null, { status: 401 });
      return this.#status(site);
    }
    let running: Running;
    try {
      running = await this.#ensure(site);
    } catch (error) {
      this.#log('error', `${site.name} did not start: ${messageOf(error)}`);
      return new Response(HOST_NOT_RUNNING, { status: 503 });
    }
    const match = running.routes.match(request.method, url.pathname);
    if (match === undefined) return new Response(null, { status: 404 });
    if (!mayInvoke(record, match.function.authLevel, request)) return new Response(null, { status: 401 });
    return running.worker.invoke(match, request);
  }

  async close(): Promise<void> {
    const started = this.#started;
    this.#started = undefined;
    this.#identityHeader = undefined;
    const running = await started?.running.catch(() => undefined);
    await running?.worker.stop();
  }

  async #status(site: StoredResource): Promise<Response> {
    try {
      await this.#ensure(site);
      return Response.json({ id: site.name, state: 'Running', version: '4.0.0', errors: [] });
    } catch (error) {
      this.#log('error', `${site.name} did not start: ${messageOf(error)}`);
      return Response.json({ id: site.name, state: 'Error', version: '4.0.0', errors: [messageOf(error)] });
    }
  }

  async #ensure(site: StoredResource): Promise<Running> {
    const state = this.#state(site);
    const current = this.#started;
    if (current !== undefined && current.state === state) {
      const running = await current.running.catch(() => undefined);
      if (running?.worker.alive() === true) return running;
      // Someone else may have replaced it while we waited.
      if (this.#started !== current) return this.#ensure(site);
    }
    const running = this.#replace(current?.running, site);
    this.#started = { state, running };
    return running;
  }

  /** Everything a running process depends on, as one text. */
  #state(site: StoredResource): string {
    const record = siteRecord(this.#fabric, this.#siteId);
    const settings = appSettings(this.#fabric, this.#siteId);
    return JSON.stringify([
      activeDeployment(record),
      record.restarts,
      settings.version,
      site.body['identity'],
    ]);
  }

  async #replace(previous: Promise<Running> | undefined, site: StoredResource): Promise<Running> {
    const old = await previous?.catch(() => undefined);
    await old?.worker.stop();
    const record = siteRecord(this.#fabric, this.#siteId);
    if (activeDeployment(record) === undefined) throw new Error('no package was published');
    const settings = appSettings(this.#fabric, this.#siteId).values;
    await openHostStorage(this.#fabric, this.#siteId);
    const files = await unpack(await loadPackage(this.#fabric, site), this.#folder);
    const { values, secrets } = await resolveSettings(this.#fabric, this.#siteId, settings);
    this.#identityHeader = randomToken(16);
    for (const secret of [
      ...secrets,
      this.#identityHeader,
      record.masterKey,
      ...Object.values(record.functionKeys),
    ]) {
      this.#redactor.addSecret(secret);
    }
    const worker = await startWorker({
      entry: files.entry,
      folder: files.folder,
      env: environment(site, values, this.#identityHeader, await this.#outlet()),
      log: (level, text) => this.#log(level, text),
    });
    this.#log('info', `${site.name} started: ${worker.functions.map((item) => item.name).join(', ')}`);
    try {
      return { worker, routes: createRouteTable(worker.functions, files.routePrefix) };
    } catch (error) {
      await worker.stop();
      throw error;
    }
  }

  #log(level: 'info' | 'warn' | 'error', text: string): void {
    this.#fabric.log({ standIn: 'functions', level, text: this.#redactor.url(text) });
  }
}

/** The child's whole environment: nothing of ours but PATH leaks in. */
function environment(
  site: StoredResource,
  settings: Readonly<Record<string, string>>,
  identityHeader: string,
  outlet: Outlet,
): Record<string, string> {
  const hasIdentity = site.body['identity'] !== undefined;
  return {
    PATH: process.env['PATH'] ?? '',
    AZURE_FUNCTIONS_ENVIRONMENT: 'Production',
    FUNCTIONS_WORKER_RUNTIME: 'node',
    WEBSITE_SITE_NAME: site.name,
    WEBSITE_HOSTNAME: `${site.name}.azurewebsites.net`,
    ...settings,
    ...(hasIdentity ? { IDENTITY_ENDPOINT, IDENTITY_HEADER: identityHeader } : {}),
    HTTPS_PROXY: outlet.proxyUrl,
    HTTP_PROXY: outlet.proxyUrl,
    https_proxy: outlet.proxyUrl,
    http_proxy: outlet.proxyUrl,
    NO_PROXY: '',
    no_proxy: '',
    NODE_USE_ENV_PROXY: '1',
    NODE_EXTRA_CA_CERTS: outlet.authorityPath,
  };
}

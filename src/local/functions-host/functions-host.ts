import type { Fabric, StandIn, StandInFactory } from '../fabric.ts';
import type { StoredResource } from '../resources.ts';
import { AppHost, type Outlet } from './app-host.ts';
import { IDENTITY_ORIGIN, identityEndpoint } from './managed-identity.ts';
import { publishSite } from './publish.ts';
import { siteByHost, sites } from './site-records.ts';

export interface FunctionsHostOptions {
  /** Where packages are unpacked; emptied per app. */
  readonly folder: string;
  /** Asked when the first package starts. */
  readonly outlet: () => Promise<Outlet>;
}

const APP_HOST = /^[a-z0-9][a-z0-9-]*(\.scm)?\.azurewebsites\.net$/;

/** Azure Functions: hosts every Function app of the cloud, its publishing site and its identity endpoint. */
export function functionsHost(options: FunctionsHostOptions): StandInFactory {
  return (fabric) => {
    const hosts = new Map<string, AppHost>();
    const hostOf = (site: StoredResource): AppHost => {
      const key = site.id.toLowerCase();
      const host = hosts.get(key) ?? new AppHost(fabric, site.id, options.folder, options.outlet);
      hosts.set(key, host);
      return host;
    };
    const publish = publishSite(fabric);
    const identity = identityEndpoint(fabric, (header) => {
      const found = [...hosts].find(([, host]) => header !== '' && host.identityHeader === header);
      return found?.[0];
    });
    const standIn: StandIn = {
      name: 'functions',
      serves: (host) => APP_HOST.test(host),
      fetch: async (request) => {
        const url = new URL(request.url);
        if (url.origin === IDENTITY_ORIGIN) return identity(request);
        if (url.hostname.endsWith('.scm.azurewebsites.net')) return publish.fetch(request);
        const site = siteOf(fabric, url);
        if (site === undefined) {
          await closeOrphans(fabric, hosts);
          return new Response('404 Web Site not found.', { status: 404 });
        }
        return hostOf(site).fetch(site, request);
      },
      close: async () => {
        await Promise.all([...hosts.values()].map((host) => host.close()));
      },
    };
    return standIn;
  };
}

/** A site that was deleted leaves its process behind. */
async function closeOrphans(fabric: Fabric, hosts: Map<string, AppHost>): Promise<void> {
  const living = new Set(sites(fabric).map((site) => site.id.toLowerCase()));
  for (const [id, host] of [...hosts]) {
    if (living.has(id)) continue;
    hosts.delete(id);
    await host.close();
  }
}

/** On the shared plain-HTTP origin there is no host name to tell apps apart: it leads to the only one. */
function siteOf(fabric: Fabric, url: URL): StoredResource | undefined {
  if (url.origin !== fabric.origins.functions) return siteByHost(fabric, url.hostname);
  const all = sites(fabric);
  if (all.length > 1) {
    fabric.log({
      standIn: 'functions',
      level: 'warn',
      text: `${url.origin} is ambiguous: ${all.length} Function apps exist`,
    });
    return undefined;
  }
  return all[0];
}

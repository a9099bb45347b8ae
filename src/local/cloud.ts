import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Clock, systemClock } from '../core/clock.ts';
import { privateFolder } from '../core/files.ts';
import type { FetchLike } from '../core/target.ts';
import { openCertificateAuthority } from './certificates.ts';
import { bootstrapDirectory, type Deployer } from './directory/bootstrap.ts';
import type { Fabric, FailurePlan, LogEntry, Origins, Timing } from './fabric.ts';
import type { Outlet } from './functions-host/app-host.ts';
import { type RunningProxy, startProxy } from './proxy.ts';
import { assignRole } from './rbac.ts';
import { createRouter, type Mounted, type RequestLine, type Router, type Wrap } from './router.ts';
import { standInEntries } from './stand-ins.ts';
import { Store } from './store.ts';

export interface CloudOptions {
  /** File of the state, or `:memory:`. */
  readonly storePath: string;
  readonly clock?: Clock;
  /** Default: everything at once. */
  readonly timing?: Partial<Timing>;
  /** Kept in the state; later starts need not repeat them. */
  readonly origins?: Partial<Origins>;
  readonly tenantId?: string;
  readonly subscriptionId?: string;
  readonly wrap?: Wrap;
  readonly failures?: FailurePlan;
  /** Holds the CA and the unpacked Function packages; absent: a temporary folder that `close` removes. */
  readonly folder?: string;
  /** Port of the loopback proxy, 0 for any free one. */
  readonly proxyPort?: number;
  /** Receives one JSON line per request and per log entry. */
  readonly onLine?: (line: RequestLine | (LogEntry & { readonly at: string })) => void;
}

/** A whole laptop cloud in this process. */
export interface Cloud {
  readonly fabric: Fabric;
  /** The router, in-process: URLs at Azure's host names or at the plain-HTTP origins. */
  readonly fetch: FetchLike;
  /** May do everything in Graph and ARM. The secret is new with every start. */
  readonly deployer: Deployer;
  /** Does somebody answer for this URL's host? */
  knows(url: URL): boolean;
  /** The loopback proxy, started when first asked for. */
  outlet(): Promise<Outlet>;
  /** Writes the whole state to a new file, from which another cloud can start. */
  snapshot(path: string): void;
  /** Ends child processes and sockets, closes the state. */
  close(): Promise<void>;
}

/** Origins of a cloud that nobody reaches through sockets. */
const IN_PROCESS_ORIGINS: Origins = {
  gateway: 'http://localhost:8610',
  login: 'http://127.0.0.1:8611',
  functions: 'http://localhost:8612',
};
const AT_ONCE: Timing = { armOperationMs: 0, graphReplicationMs: 0, rolePropagationMs: 0 };

interface Identity {
  readonly tenantId: string;
  readonly subscriptionId: string;
  readonly origins: Origins;
}

/** Starts a laptop cloud: new when the state is empty, as it was when it is not. */
export async function createCloud(options: CloudOptions): Promise<Cloud> {
  const clock = options.clock ?? systemClock;
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'smartfhir-')));
  await privateFolder(folder);
  const store = new Store(options.storePath);
  const mounted: Mounted[] = [];
  const log = (entry: LogEntry): void =>
    options.onLine?.({ at: new Date(clock.now()).toISOString(), ...entry });
  const router = createRouter({
    mounted: () => mounted,
    now: () => clock.now(),
    onRequest: (line) => options.onLine?.(line),
    onDefect: (standIn, text) => log({ standIn, level: 'error', text }),
    wrap: options.wrap,
    failures: options.failures,
  });
  const fabric: Fabric = {
    clock,
    timing: { ...AT_ONCE, ...options.timing },
    store,
    fetch: router.fetch,
    log,
    ...identityOf(store, options),
  };
  const proxy = lazyProxy(fabric, router, folder, options.proxyPort ?? 0);
  const entries = standInEntries({
    origins: fabric.origins,
    packageFolder: join(folder, 'packages'),
    outlet: proxy.outlet,
  });
  for (const entry of entries) mounted.push({ standIn: entry.make(fabric), origins: entry.origins });
  return {
    fabric,
    fetch: router.fetch,
    deployer: bootstrap(fabric),
    knows: (url) => router.owner(url) !== undefined,
    outlet: proxy.outlet,
    snapshot: (path) => store.snapshot(path),
    close: async () => {
      await Promise.all(mounted.map(({ standIn }) => standIn.close?.()));
      await proxy.close();
      store.close();
      if (options.folder === undefined) await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Tenant, subscription and origins are chosen once. */
function identityOf(store: Store, options: CloudOptions): Identity {
  const kept = store.collection<Identity>('cloud');
  const known = kept.get('identity');
  const identity: Identity = {
    tenantId: options.tenantId ?? known?.tenantId ?? crypto.randomUUID(),
    subscriptionId: options.subscriptionId ?? known?.subscriptionId ?? crypto.randomUUID(),
    origins: { ...IN_PROCESS_ORIGINS, ...known?.origins, ...options.origins },
  };
  kept.put('identity', identity);
  return identity;
}

function bootstrap(fabric: Fabric): Deployer {
  const { deployer } = bootstrapDirectory(fabric);
  assignRole(fabric, {
    principalId: deployer.principalId,
    role: 'Owner',
    scope: `/subscriptions/${fabric.subscriptionId}`,
    principalType: 'ServicePrincipal',
  });
  return deployer;
}

function lazyProxy(
  fabric: Fabric,
  router: Router,
  folder: string,
  port: number,
): { outlet: () => Promise<Outlet>; close: () => Promise<void> } {
  let started: Promise<{ proxy: RunningProxy; authorityPath: string }> | undefined;
  const start = async (): Promise<{ proxy: RunningProxy; authorityPath: string }> => {
    const authority = await openCertificateAuthority(folder);
    const proxy = await startProxy({
      port,
      authority,
      fetch: router.fetch,
      knows: (url) => router.owner(url) !== undefined,
      onRefused: (host) =>
        fabric.log({
          standIn: 'proxy',
          level: 'warn',
          text: `refused ${host}: not a host of the laptop cloud`,
        }),
      health: () => ({ status: 'ok', pid: process.pid, tenantId: fabric.tenantId }),
    });
    return { proxy, authorityPath: authority.path };
  };
  return {
    outlet: async () => {
      started ??= start();
      const { proxy, authorityPath } = await started;
      return { proxyUrl: proxy.url, authorityPath };
    },
    close: async () => {
      const running = await started?.catch(() => undefined);
      await running?.proxy.close();
    },
  };
}

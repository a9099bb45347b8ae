import { createWriteStream } from 'node:fs';
import { readFile, rename, rm, stat } from 'node:fs/promises';
import { Agent, createServer, get, type Server } from 'node:http';
import { join } from 'node:path';
import { type Clock, SECOND, systemClock } from '../core/clock.ts';
import { SmartfhirError } from '../core/errors.ts';
import { writeFileAtomic } from '../core/files.ts';
import { type Cloud, createCloud } from './cloud.ts';
import { type StackAccess, stackAccess } from './laptop-target.ts';
import { serveNode } from './node-http.ts';
import { choosePorts, originsOf } from './ports.ts';
import { listenOn } from './proxy.ts';
import { claim, liveOwner, openStateFolder, type StateFolder } from './state-folder.ts';

/** How the stack behaves when nothing else is said: operations take a moment, as a cloud's do. */
const STACK_TIMING = { armOperationMs: 100 };
/** A log larger than this is set aside at the next start, bytes. */
const LOG_LIMIT_BYTES = 20 * 1024 * 1024;
const HEALTH_BUDGET_MS = 3 * SECOND;
const HEALTH_LIMIT = 4096;
const STOP_BUDGET_MS = 10 * SECOND;
const POLL_MS = 50;

export interface StackOptions {
  readonly folder: StateFolder;
  /** First of five neighbouring ports. */
  readonly portBase?: number;
}

/** A stack in this process, reachable through sockets. */
export interface RunningStack {
  readonly cloud: Cloud;
  readonly access: StackAccess;
  close(): Promise<void>;
}

/**
 * Starts the laptop cloud of a state folder and its sockets, all on loopback.
 *
 * @throws SmartfhirError `LOCKED` when another process owns the folder, `PORT_IN_USE` when a port is taken
 */
export async function startStack(options: StackOptions): Promise<RunningStack> {
  const { folder } = options;
  await openStateFolder(folder);
  await claim(folder);
  const undo: (() => Promise<unknown>)[] = [() => rm(folder.owner, { force: true })];
  const close = async (): Promise<void> => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const ports = await choosePorts(folder.ports, options.portBase);
    const origins = originsOf(ports);
    const log = await openLog(folder.log);
    undo.push(() => new Promise<void>((resolve) => log.end(resolve)));
    const cloud = await createCloud({
      storePath: folder.database,
      folder: folder.path,
      timing: STACK_TIMING,
      origins: { gateway: origins.gateway, login: origins.login, functions: origins.functions },
      proxyPort: ports.proxy,
      onLine: (line) => log.write(`${JSON.stringify(line)}\n`),
    });
    undo.push(() => cloud.close());
    const outlet = await cloud.outlet().catch((error: unknown) => portInUse(error, ports.proxy));
    for (const origin of [origins.gateway, origins.login, origins.functions]) {
      const servers = await listenForOrigin(cloud, origin);
      undo.push(() => Promise.all(servers.map(closeServer)));
    }
    const access: StackAccess = {
      proxyUrl: outlet.proxyUrl,
      authorityPath: outlet.authorityPath,
      origins,
      tenantId: cloud.fabric.tenantId,
      subscriptionId: cloud.fabric.subscriptionId,
      clientId: cloud.deployer.clientId,
      clientSecret: cloud.deployer.clientSecret,
    };
    await writeFileAtomic(folder.access, JSON.stringify(access, null, 2));
    undo.push(() => rm(folder.access, { force: true }));
    return { cloud, access, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** What is known of a stack from outside its process. */
export type StackStatus =
  | { readonly running: false }
  | { readonly running: true; readonly pid: number; readonly access: StackAccess };

/** Is the stack of a folder running and answering? */
export async function stackStatus(folder: StateFolder): Promise<StackStatus> {
  const owner = await liveOwner(folder);
  if (owner === undefined) return { running: false };
  const text = await readFile(folder.access, 'utf8').catch(() => undefined);
  const access = text === undefined ? undefined : readAccess(text, folder);
  if (access === undefined || !(await isHealthy(access.proxyUrl, owner.pid))) return { running: false };
  return { running: true, pid: owner.pid, access };
}

function readAccess(text: string, folder: StateFolder): StackAccess {
  try {
    // The folder may have been moved while the stack runs: its files lie beside this one.
    return { ...stackAccess.parse(JSON.parse(text)), authorityPath: join(folder.path, 'ca.pem') };
  } catch (cause) {
    // Its text holds a secret: the cause is kept, but not quoted.
    throw new SmartfhirError('LOCAL_STATE_BROKEN', `${folder.access} cannot be read`, {
      fix: 'stop the stack and start it again; it writes the file anew and keeps everything else',
      command: 'smartfhir local down',
      cause: new Error('not the access file of a laptop stack', { cause }),
    });
  }
}

/** The access of a running stack. @throws SmartfhirError `LOCAL_NOT_RUNNING` */
export async function requireStack(folder: StateFolder): Promise<StackAccess> {
  const status = await stackStatus(folder);
  if (status.running) return status.access;
  throw new SmartfhirError('LOCAL_NOT_RUNNING', `no laptop stack is running in ${folder.path}`);
}

/** Asks the proxy directly: inside `local exec` the environment's proxy is the very one that is asked about. */
function isHealthy(proxyUrl: string, pid: number): Promise<boolean> {
  return new Promise((resolve) => {
    const options = {
      agent: new Agent(),
      timeout: HEALTH_BUDGET_MS,
      signal: AbortSignal.timeout(HEALTH_BUDGET_MS),
    };
    get(`${proxyUrl}/health`, options, (response) => {
      let text = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        text = `${text}${chunk}`.slice(0, HEALTH_LIMIT);
      });
      response.on('error', () => resolve(false));
      response.on('end', () => resolve(text.includes(`"pid":${pid},`)));
    }).on('error', () => resolve(false));
  });
}

/** Ends the stack of a folder, whichever process runs it. Answers whether there was one. */
export async function stopStack(folder: StateFolder, clock: Clock = systemClock): Promise<boolean> {
  const owner = await liveOwner(folder);
  if (owner === undefined) {
    // A crashed process leaves these behind.
    await rm(folder.owner, { force: true });
    await rm(folder.access, { force: true });
    return false;
  }
  signalIfAlive(owner.pid, 'SIGTERM');
  const deadline = clock.now() + STOP_BUDGET_MS;
  while ((await liveOwner(folder)) !== undefined) {
    if (clock.now() > deadline) {
      signalIfAlive(owner.pid, 'SIGKILL');
      break;
    }
    await clock.sleep(POLL_MS);
  }
  await rm(folder.owner, { force: true });
  await rm(folder.access, { force: true });
  return true;
}

/** It may end by itself at any moment. */
function signalIfAlive(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}

/** Ends the stack and forgets everything it held: state, keys, log and chosen ports. */
export async function resetStack(folder: StateFolder, clock: Clock = systemClock): Promise<void> {
  await stopStack(folder, clock);
  await rm(folder.path, { recursive: true, force: true });
}

/** `localhost` may resolve to either family: it gets both, where the machine has them. */
async function listenForOrigin(cloud: Cloud, origin: string): Promise<Server[]> {
  const url = new URL(origin);
  const port = Number(url.port);
  const servers = [await listenAt(cloud, origin, port, '127.0.0.1')];
  if (url.hostname !== 'localhost') return servers;
  try {
    servers.push(await listenAt(cloud, origin, port, '::1'));
  } catch (error) {
    if (error instanceof SmartfhirError) {
      await Promise.all(servers.map(closeServer));
      throw error;
    }
  }
  return servers;
}

async function listenAt(cloud: Cloud, origin: string, port: number, host: string): Promise<Server> {
  const server = createServer(
    (incoming, outgoing) => void serveNode(cloud.fetch, origin, incoming, outgoing),
  );
  await listenOn(server, port, host).catch((error: unknown) => portInUse(error, port));
  return server;
}

function portInUse(error: unknown, port: number): never {
  const code = (error as NodeJS.ErrnoException).code;
  if (code !== 'EADDRINUSE' && code !== 'EACCES') throw error;
  throw new SmartfhirError('PORT_IN_USE', `port ${port} is in use`, {
    fix: `stop what listens on port ${port}, or choose others with --port-base`,
    command: 'smartfhir local up --port-base N',
    cause: error,
  });
}

function closeServer(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

async function openLog(path: string): Promise<ReturnType<typeof createWriteStream>> {
  const size = await stat(path).then(
    (found) => found.size,
    () => 0,
  );
  if (size > LOG_LIMIT_BYTES) await rename(path, `${path}.1`);
  return createWriteStream(path, { flags: 'a', mode: 0o600 });
}

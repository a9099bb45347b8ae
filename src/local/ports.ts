import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { z } from 'zod';
import { SmartfhirError } from '../core/errors.ts';
import { writeFileAtomic } from '../core/files.ts';
import type { Origins } from './fabric.ts';

const port = z.number().int().min(1).max(65_535);

/** Ports of one laptop stack. `app` is where `launch` serves the sample app; the stack does not listen there. */
const portsFile = z.object({ proxy: port, gateway: port, login: port, functions: port, app: port });

export type Ports = z.infer<typeof portsFile>;

const NAMES = ['proxy', 'gateway', 'login', 'functions', 'app'] as const;
/** Below the range from which systems take ports of outgoing connections. */
const FIRST = 18_000;
const SPAN = 12_000;
const ATTEMPTS = 200;

export interface StackOrigins extends Origins {
  readonly app: string;
}

export function originsOf(ports: Ports): StackOrigins {
  return {
    gateway: `http://localhost:${ports.gateway}`,
    login: `http://127.0.0.1:${ports.login}`,
    functions: `http://localhost:${ports.functions}`,
    app: `http://app.localhost:${ports.app}`,
  };
}

/** The ports chosen earlier, or undefined. */
async function keptPorts(file: string): Promise<Ports | undefined> {
  const text = await readFile(file, 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    return portsFile.parse(JSON.parse(text));
  } catch (cause) {
    throw new SmartfhirError('LOCAL_STATE_BROKEN', `${file} cannot be read`, { cause });
  }
}

/**
 * The ports of a stack: those chosen earlier, else `base` and its neighbours, else free ones; kept for later starts.
 *
 * @throws SmartfhirError `PORT_IN_USE` when a port that was asked for is taken
 */
export async function choosePorts(file: string, base: number | undefined): Promise<Ports> {
  const kept = await keptPorts(file);
  if (kept !== undefined && (base === undefined || kept.proxy === base)) return kept;
  const chosen = base === undefined ? await freePorts(file) : numbered(base);
  await writeFileAtomic(file, JSON.stringify(chosen, null, 2));
  return chosen;
}

function numbered(base: number): Ports {
  return portsFile.parse(Object.fromEntries(NAMES.map((name, index) => [name, base + index])));
}

/** Starts at a place derived from the folder, so that two projects seldom meet. */
async function freePorts(seed: string): Promise<Ports> {
  const hash = createHash('sha256').update(seed).digest().readUInt32BE(0);
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const base = FIRST + ((hash + attempt * NAMES.length) % SPAN);
    const free = await Promise.all(NAMES.map((_, index) => isFree(base + index)));
    if (!free.includes(false)) return numbered(base);
  }
  throw new SmartfhirError(
    'PORT_IN_USE',
    `no ${NAMES.length} free ports between ${FIRST} and ${FIRST + SPAN}`,
  );
}

async function isFree(candidate: number): Promise<boolean> {
  return (await canListen(candidate, '127.0.0.1')) && (await canListen(candidate, '::1'));
}

function canListen(candidate: number, host: string): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    // Without IPv6 there is nothing to collide with.
    server.once('error', (error: NodeJS.ErrnoException) =>
      resolve(error.code !== 'EADDRINUSE' && error.code !== 'EACCES'),
    );
    server.listen({ port: candidate, host, exclusive: true }, () => server.close(() => resolve(true)));
  });
}

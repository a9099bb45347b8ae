import { manualClock } from '../../../src/core/clock.ts';
import type { FetchLike } from '../../../src/core/target.ts';
import { bootstrapDirectory, type Deployer } from '../../../src/local/directory/bootstrap.ts';
import type { Fabric, LogEntry, StandInFactory, Timing } from '../../../src/local/fabric.ts';
import { Store } from '../../../src/local/store.ts';

export const LOGIN_ORIGIN = 'http://127.0.0.1:4401';
export const TENANT_ID = '11111111-2222-3333-4444-555555555555';
export const START = Date.parse('2026-11-24T12:00:00Z');

export interface TestCloud {
  readonly fabric: Fabric;
  readonly clock: ReturnType<typeof manualClock>;
  readonly logs: LogEntry[];
  readonly fetch: FetchLike;
  readonly deployer: Deployer;
}

/** A laptop cloud of only the given stand-ins, in memory, its clock standing still. */
export function testCloud(factories: readonly StandInFactory[], timing: Partial<Timing> = {}): TestCloud {
  const clock = manualClock(START);
  const logs: LogEntry[] = [];
  const fetch: FetchLike = async (request) => {
    const url = new URL(request.url);
    const host = url.origin === LOGIN_ORIGIN ? 'login.microsoftonline.com' : url.hostname;
    const standIn = standIns.find((item) => item.serves(host));
    if (standIn === undefined) throw new Error(`no stand-in serves ${host}`);
    return standIn.fetch(request);
  };
  const fabric: Fabric = {
    clock,
    timing: { armOperationMs: 0, graphReplicationMs: 0, rolePropagationMs: 0, ...timing },
    store: new Store(':memory:'),
    fetch,
    origins: { gateway: 'http://localhost:4400', login: LOGIN_ORIGIN, functions: 'http://localhost:4402' },
    tenantId: TENANT_ID,
    subscriptionId: '99999999-2222-3333-4444-555555555555',
    log: (entry) => void logs.push(entry),
  };
  const standIns = factories.map((make) => make(fabric));
  return { fabric, clock, logs, fetch, deployer: bootstrapDirectory(fabric).deployer };
}

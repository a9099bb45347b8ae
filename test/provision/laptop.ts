import { mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { strToU8, zipSync } from 'fflate';
import type { Config } from '../../src/config/config.ts';
import { defaultLocalConfig } from '../../src/config/load.ts';
import { manualClock } from '../../src/core/clock.ts';
import type { FetchLike, Target } from '../../src/core/target.ts';
import { type Cloud, type CloudOptions, createCloud } from '../../src/local/cloud.ts';
import { inProcessTarget } from '../../src/local/laptop-target.ts';
import type { ProvisionInput } from '../../src/provision/session.ts';

export const NOW = Date.UTC(2026, 10, 24, 12);

export interface Laptop {
  readonly cloud: Cloud;
  readonly target: Target;
  readonly config: Config;
  input(more?: Partial<ProvisionInput>): ProvisionInput;
  close(): Promise<void>;
}

/** A package that the host accepts; no test here starts it. */
async function smallPackage(folder: string): Promise<string> {
  const path = join(folder, 'functions.zip');
  const files = { 'host.json': '{"version":"2.0"}', 'package.json': '{"main":"main.cjs"}', 'main.cjs': '' };
  const entries = Object.entries(files).map(([name, text]) => [name, strToU8(text)] as const);
  await writeFile(path, zipSync(Object.fromEntries(entries), { mtime: new Date(2000, 0, 1) }));
  return path;
}

/** An in-process laptop cloud on a clock that waits cost nothing on. */
export async function openLaptop(options: Partial<CloudOptions> = {}): Promise<Laptop> {
  const folder = await mkdtemp(join(tmpdir(), 'smartfhir-provision-'));
  const clock = options.clock ?? manualClock(NOW);
  const cloud = await createCloud({
    storePath: ':memory:',
    clock,
    ...options,
  });
  const target = inProcessTarget(cloud);
  const config = defaultLocalConfig();
  const functionPackage = await smallPackage(folder);
  return {
    cloud,
    target,
    config,
    input: (more = {}) => ({
      config,
      target,
      clock,
      signal: new AbortController().signal,
      stateFolder: join(folder, '.smartfhir'),
      functionPackage,
      ...more,
    }),
    close: () => cloud.close(),
  };
}

/** The target with another transport. */
export function withFetch(target: Target, fetch: FetchLike): Target {
  return { ...target, publicOrigin: (host) => target.publicOrigin(host), fetch };
}

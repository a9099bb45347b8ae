import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { provisionSnapshot } from './provisioned-stack.ts';

declare module 'vitest' {
  interface ProvidedContext {
    /** A laptop cloud's state with the default stack provisioned and seeded. */
    readonly snapshot: string;
  }
}

/**
 * Tests run on the Node that the repository pins, against what is built from the sources as they are, over one
 * provisioned stack that is made once and copied by whoever needs it.
 */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 24)
    throw new Error(`tests need Node 24 (npm ci installs it); this is ${process.versions.node}`);
  await import('../../scripts/build.ts');
  const folder = await mkdtemp(join(tmpdir(), 'smartfhir-snapshot-'));
  const snapshot = join(folder, 'snapshot.db');
  await provisionSnapshot(snapshot);
  project.provide('snapshot', snapshot);
  return () => rm(folder, { recursive: true, force: true });
}

/**
 * Plays every fault over one provisioned stack and prints fault → red checks. Ends with 1 on a surprise: a fault whose
 * set is not exactly the one it names, a check that no fault has for itself, a check that is red without any.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checks } from '../src/checks/index.ts';
import type { Fault } from '../test/faults/fault.ts';
import { faults } from '../test/faults/index.ts';
import { FaultBench, type Verdict } from '../test/faults/judge.ts';
import { provisionSnapshot } from '../test/support/provisioned-stack.ts';

const only = process.argv.slice(2);
const chosen =
  only.length === 0
    ? faults
    : faults.filter(({ name, fails }) =>
        only.some((word) => name.includes(word) || fails.some((id) => id.startsWith(word))),
      );
const folder = await mkdtemp(join(tmpdir(), 'smartfhir-matrix-'));
const surprises: string[] = [];
try {
  const snapshot = join(folder, 'snapshot.db');
  await provisionSnapshot(snapshot);
  const bench = await FaultBench.open(snapshot);
  for (const id of bench.redWithoutFault) surprises.push(`${id} is red without any fault`);
  for (const fault of chosen) report(fault, await bench.play(fault));
  await bench.close();
} finally {
  await rm(folder, { recursive: true, force: true });
}
if (only.length === 0) {
  for (const { meta } of checks) {
    if (!faults.some(({ fails }) => fails.length === 1 && fails[0] === meta.id)) {
      surprises.push(`${meta.id} has no fault of its own`);
    }
  }
}
console.log(`\n${chosen.length} faults, ${checks.length} checks, ${surprises.length} surprises`);
for (const surprise of surprises) console.log(`  ${surprise}`);
process.exitCode = surprises.length === 0 ? 0 : 1;

function report(fault: Fault, { red, lost }: Verdict): void {
  console.log(
    `${fault.name}\n    → ${red.join(', ') || 'nothing'}${lost.length > 0 ? `   (not judged: ${lost.join(', ')})` : ''}`,
  );
  if (!same(red, fault.fails))
    surprises.push(`${fault.name}: expected ${fault.fails.join(', ')}, got ${red.join(', ') || 'nothing'}`);
  if (!same(lost, fault.skips ?? []))
    surprises.push(
      `${fault.name}: lost ${lost.join(', ') || 'nothing'}, expected ${(fault.skips ?? []).join(', ') || 'nothing'}`,
    );
}

function same(a: readonly string[], b: readonly string[]): boolean {
  return [...a].sort().join() === [...b].sort().join();
}

/**
 * Plays every fault over one provisioned stack and prints fault → red checks, and which checks lost their evidence and
 * why. Ends with 1 on a surprise: a fault whose set is not exactly the one it names, a check that lost its evidence
 * without naming the defect, a check that no fault has for itself, a check that is red without any.
 * Words on the command line choose faults by name or check.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { checks } from '../src/checks/index.ts';
import { ELSEWHERE } from '../test/faults/elsewhere.ts';
import type { Fault } from '../test/faults/fault.ts';
import { faults } from '../test/faults/index.ts';
import { type Effect, FaultLab, isRed } from '../test/faults/lab.ts';
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
  const lab = await FaultLab.open(snapshot, chosen);
  for (const result of lab.baseline.filter(isRed))
    surprises.push(`${result.id} is red without any fault: ${result.message}`);
  for (const fault of chosen) report(fault, await lab.run(fault));
  await lab.close();
} finally {
  await rm(folder, { recursive: true, force: true });
}
if (only.length === 0) {
  for (const { meta } of checks) {
    const alone = faults.some(({ fails }) => fails.length === 1 && fails[0] === meta.id);
    if (!alone && !ELSEWHERE.has(meta.id)) surprises.push(`${meta.id} has no fault of its own`);
  }
}
console.log(`\n${chosen.length} faults, ${checks.length} checks, ${surprises.length} surprises`);
for (const surprise of surprises) console.log(`  ${surprise}`);
process.exit(surprises.length === 0 ? 0 : 1);

function report(fault: Fault, { red, lost, astray, touched, results }: Effect): void {
  console.log(`${fault.name}\n    → ${red.join(', ') || 'nothing'}`);
  for (const [said, ids] of byReason(lost)) console.log(`      ${said}\n        ${few(ids)}`);
  for (const said of astray) surprises.push(`${fault.name}: ${said} does not lead to ${red.join(', ')}`);
  if (touched.length === 0) surprises.push(`${fault.name}: concerns no request`);
  if ([...red].sort().join() === [...fault.fails].sort().join()) return;
  const messages = results
    .filter((result) => red.includes(result.id))
    .map(({ id, message }) => `${id}: ${message}`);
  const expected = results
    .filter(({ id }) => fault.fails.includes(id))
    .map(({ id, outcome, message }) => `${id} ${outcome} ${message ?? ''}`);
  surprises.push(
    `${fault.name}: expected ${fault.fails.join(', ')}, got ${messages.join('; ') || 'nothing'} [${expected.join('; ')}]`,
  );
}

/** One defect often takes the evidence of many checks for the same reason. */
function byReason(lost: Effect['lost']): ReadonlyMap<string, readonly string[]> {
  const ids = new Map<string, string[]>();
  for (const { id, outcome, reason } of lost) {
    const said = `${outcome}: ${reason}`;
    ids.set(said, [...(ids.get(said) ?? []), id]);
  }
  return ids;
}

/** Check ids by name, or when there are many, how many of each group. */
function few(ids: readonly string[]): string {
  if (ids.length <= 12) return ids.join(', ');
  const groups = Map.groupBy(ids, (id) => id.slice(0, id.indexOf('/')));
  return [...groups].map(([group, { length }]) => `${length} of ${group}`).join(', ');
}

/**
 * The outermost test: the official (g)(10) suite against a laptop stack, from the preset that `inferno preset`
 * wrote, unedited. The runner is named by INFERNO_RUN, a validator by VALIDATOR_URL; results are compared one by one
 * with test/inferno/expected.json (`--update` writes it, reasons stay to be written by hand). INFERNO_GROUPS runs some
 * groups; INFERNO_OUT keeps the results, which hold secrets and tokens.
 */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { compare, type Expected, type InfernoResult, updated } from './run/inferno-expected.ts';
import { type RunnerFiles, startStack } from './run/inferno-stack.ts';
import { finished, ROOT, withStackFolder } from './run/stack.ts';

/**
 * All but the attestations (11), which are the vendor's to give. The single patient API (10) takes the token of the
 * launch before it: the patient's own, since a practitioner's compartment lacks types such as Coverage and Goal.
 */
const GROUPS = (process.env['INFERNO_GROUPS'] ?? '1,10,2,3,8,9').split(',').map((id) => id.trim());
/** The address that smartfhir.yaml has by default and that `apply` registered. */
const INFERNO_PORT = 4567;
const EXPECTED_FILE = join(ROOT, 'test/inferno/expected.json');
/** What the runner's exit codes above 1 mean. */
const RUNNER_FAILURES: Readonly<Record<number, string>> = {
  2: 'was used wrongly',
  3: 'could not run Inferno',
  130: 'was stopped',
};

const stop = new AbortController();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => stop.abort());

const runner = process.env['INFERNO_RUN'];
if (runner === undefined || runner === '') {
  console.log('inferno: no runner (INFERNO_RUN is not set); the official suite was not run');
} else if (!(await isFree(INFERNO_PORT))) {
  console.log(`inferno: port ${INFERNO_PORT} is in use, perhaps by another run; Inferno needs it`);
  process.exitCode = 1;
} else {
  process.exitCode = await withStackFolder((folder) => runSuite(runner, folder));
}

async function runSuite(command: string, folder: string): Promise<number> {
  const files = await startStack(folder);
  stop.signal.throwIfAborted();
  const out = process.env['INFERNO_OUT'] ?? join(folder, 'out');
  await mkdir(out, { recursive: true, mode: 0o700 });
  await chmod(out, 0o700);
  const { code } = await finished(command, runnerArguments(files, out), {
    cwd: ROOT,
    show: true,
    signal: stop.signal,
  });
  if (code > 1 || stop.signal.aborted) {
    console.log(`inferno: the runner ${RUNNER_FAILURES[code] ?? `ended with ${code}`}`);
    return 1;
  }
  return judge(JSON.parse(await readFile(join(out, 'results.json'), 'utf8')) as InfernoResult[]);
}

function runnerArguments(files: RunnerFiles, out: string): string[] {
  const validator = process.env['VALIDATOR_URL'] ?? '';
  // 9.3 asks whether tokens can be revoked within an hour: the command before it does just that.
  const revocation = ['--before', `9.3=${files.revoke}`, '--set', 'token_revocation_attestation=true'];
  return [
    ...['--preset', files.preset, '--groups', GROUPS.join(','), '--port', String(INFERNO_PORT), '--out', out],
    ...['--user-map', files.userMap, '--launch-cmd', files.launch, ...revocation],
    ...(validator === '' ? [] : ['--validator', validator]),
  ];
}

async function judge(results: readonly InfernoResult[]): Promise<number> {
  let expected = JSON.parse(await readFile(EXPECTED_FILE, 'utf8')) as Expected;
  if (process.argv.includes('--update')) {
    expected = updated(expected, results, GROUPS);
    await writeFile(EXPECTED_FILE, `${JSON.stringify(expected, null, 2)}\n`);
  }
  const { surprises, counts, failed } = compare(results, expected, GROUPS);
  for (const surprise of surprises) console.log(`inferno: ${surprise}`);
  const told = ['pass', 'skip', 'omit', 'fail', 'error'].map((result) => `${counts[result] ?? 0} ${result}`);
  const count = Object.values(counts).reduce((sum, one) => sum + one, 0);
  console.log(
    `inferno: groups ${GROUPS.join(',')}: ${count} tests, ${told.join(', ')}; ${surprises.length} not as expected`,
  );
  return surprises.length === 0 && failed.length === 0 ? 0 : 1;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen({ port, host: '127.0.0.1', exclusive: true }, () => server.close(() => resolve(true)));
  });
}

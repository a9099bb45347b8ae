/**
 * The outermost test: the official (g)(10) suite against a laptop stack, from the preset that `inferno preset`
 * wrote, unedited. The runner is named by INFERNO_RUN, a validator by VALIDATOR_URL; results are compared one by one
 * with test/inferno/expected.json.
 */
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished, must, ROOT, withStackFolder } from './run/stack.ts';

interface InfernoResult {
  readonly short_id: string;
  readonly result: string;
  readonly result_message?: string | null;
  readonly required?: boolean;
  readonly optional?: boolean;
  readonly test_id?: string;
  readonly title?: string;
}

/** short id → the result that is expected and, when it is not a pass, why. */
type Expected = Readonly<Record<string, { readonly result: string; readonly why?: string }>>;

const GROUPS = process.env['INFERNO_GROUPS'] ?? '1,2,3,8';
/** The address that smartfhir.yaml has by default and that `apply` registered. */
const INFERNO_PORT = '4567';
const GRANTED_IN_GROUP_2 = ['Patient', 'Condition', 'Observation'];
const expectedFile = join(ROOT, 'test/inferno/expected.json');

const runner = process.env['INFERNO_RUN'];
if (runner === undefined || runner === '') {
  console.log('inferno: no runner (INFERNO_RUN is not set); the official suite was not run');
} else {
  process.exitCode = await withStackFolder((folder) => runSuite(runner, folder));
}

async function runSuite(command: string, folder: string): Promise<number> {
  await must(['init', '--local', '--no-input'], { cwd: folder });
  await must(['local', 'up'], { cwd: folder });
  await must(['apply', '--local', '--yes'], { cwd: folder });
  await must(['inferno', 'preset', '--local', '-f', 'preset.json'], { cwd: folder });
  await writeUserMap(folder);
  const launch = await writeLaunchCommand(folder);
  const out = process.env['INFERNO_OUT'] ?? join(folder, 'out');
  await mkdir(out, { recursive: true, mode: 0o700 });
  const args = [
    '--preset',
    join(folder, 'preset.json'),
    '--groups',
    GROUPS,
    '--port',
    INFERNO_PORT,
    '--out',
    out,
  ];
  args.push('--user-map', join(folder, 'users.json'), '--launch-cmd', launch);
  const validator = process.env['VALIDATOR_URL'];
  if (validator !== undefined && validator !== '') args.push('--validator', validator);
  const { code } = await finished(command, args, { cwd: ROOT, show: true });
  if (code > 1) {
    console.log(`inferno: the runner ended with ${code}`);
    return 1;
  }
  return compare(JSON.parse(await readFile(join(out, 'results.json'), 'utf8')) as InfernoResult[]);
}

async function writeUserMap(folder: string): Promise<void> {
  const status = JSON.parse((await must(['local', 'status', '-o', 'json'], { cwd: folder })).stdout) as {
    users: { username: string; password: string; fhirUser: string }[];
  };
  const user = (type: string): { username: string; password: string } => {
    const found = status.users.find(({ fhirUser }) => fhirUser.includes(`${type}/`));
    if (found === undefined) throw new Error(`the stack has no user whose fhirUser is a ${type}`);
    return { username: found.username, password: found.password };
  };
  const preset = JSON.parse(await readFile(join(folder, 'preset.json'), 'utf8')) as {
    inputs: { name: string; value: { requested_scopes?: string } }[];
  };
  const asked =
    preset.inputs.find(({ name }) => name === 'standalone_smart_auth_info')?.value.requested_scopes ?? '';
  const refused = asked
    .split(' ')
    .filter(
      (scope) =>
        scope.startsWith('patient/') && !GRANTED_IN_GROUP_2.some((type) => scope.includes(`/${type}.`)),
    );
  const practitioner = user('Practitioner');
  const map = {
    ...user('Patient'),
    by_test: {
      '2': { uncheck: refused.map((scope) => `input[value='${scope}']`) },
      '3': practitioner,
      '9.19': practitioner,
    },
  };
  await writeFile(join(folder, 'users.json'), JSON.stringify(map), { mode: 0o600 });
}

/** Called as CMD LAUNCH_URL ISS: the EHR creates a launch and a browser opens the app with it. */
async function writeLaunchCommand(folder: string): Promise<string> {
  const file = join(folder, 'launch');
  const bin = join(ROOT, 'bin/smartfhir.js');
  const lines = [
    '#!/bin/sh',
    'set -eu',
    'case "${INFERNO_TEST:-3}" in 9.19*) client=ehr-patient ;; *) client=ehr-practitioner ;; esac',
    `url=$('${process.execPath}' '${bin}' launch ehr --local -C '${folder}' --client "$client" --app "$1" --url-only)`,
    `exec '${process.execPath}' -e 'fetch(process.argv[1], { redirect: "manual" })' "$url"`,
  ];
  await writeFile(file, `${lines.join('\n')}\n`);
  await chmod(file, 0o700);
  return file;
}

async function compare(results: readonly InfernoResult[]): Promise<number> {
  const tests = results.filter((result) => result.test_id !== undefined && result.test_id !== null);
  const actual = new Map(tests.map((result) => [result.short_id, result]));
  if (process.argv.includes('--update')) {
    const lines = tests.map((result) => [
      result.short_id,
      { result: result.result, ...(result.result === 'pass' ? {} : { why: result.result_message ?? '' }) },
    ]);
    await writeFile(expectedFile, `${JSON.stringify(Object.fromEntries(lines), null, 2)}\n`);
  }
  const expected = JSON.parse(await readFile(expectedFile, 'utf8')) as Expected;
  const surprises = [...new Set([...actual.keys(), ...Object.keys(expected)])].filter(
    (id) => actual.get(id)?.result !== expected[id]?.result,
  );
  for (const id of surprises) {
    const got = actual.get(id);
    console.log(
      `inferno: ${id} expected ${expected[id]?.result ?? 'nothing'}, got ${got?.result ?? 'nothing'}  ${got?.result_message ?? ''}`,
    );
  }
  const count = (result: string): number => tests.filter((test) => test.result === result).length;
  const failed = count('fail') + count('error');
  console.log(
    `inferno: groups ${GROUPS}: ${count('pass')} pass, ${count('skip')} skip, ${count('omit')} omit, ${count('fail')} fail, ${count('error')} error; ${surprises.length} not as expected`,
  );
  return surprises.length === 0 && failed === 0 ? 0 : 1;
}

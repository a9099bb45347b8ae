import { chmod, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished, must, ROOT } from './stack.ts';

/** What the runner needs beside the preset: files in the stack's folder, readable by the owner only. */
export interface RunnerFiles {
  readonly preset: string;
  readonly userMap: string;
  readonly launch: string;
  readonly revoke: string;
}

const GRANTED_IN_GROUP_2 = ['Patient', 'Condition', 'Observation'];
/** What the user picks in 9.26 in place of the whole types. */
const PICKED_IN_9_26 = [
  'Condition.rs?category=http://terminology.hl7.org/CodeSystem/condition-category|problem-list-item',
  'Observation.rs?category=http://terminology.hl7.org/CodeSystem/observation-category|laboratory',
];

/** A stack on this machine, applied, with its preset. */
export async function startStack(folder: string): Promise<RunnerFiles> {
  // The command runs what is built; an older build would be tested unnoticed.
  const build = await finished(process.execPath, [join(ROOT, 'scripts/build.ts')], { cwd: ROOT });
  if (build.code !== 0) throw new Error(`the build ended with ${build.code}\n${build.stderr}`);
  await must(['init', '--local', '--no-input'], { cwd: folder });
  await must(['local', 'up'], { cwd: folder });
  await must(['apply', '--local', '--yes'], { cwd: folder });
  await must(['inferno', 'preset', '--local', '-f', 'preset.json'], { cwd: folder });
  return {
    preset: join(folder, 'preset.json'),
    userMap: await writeUserMap(folder),
    launch: await writeLaunchCommand(folder),
    revoke: await writeCommand(folder, 'revoke', [
      `exec '${process.execPath}' '${join(ROOT, 'scripts/run/inferno-revoke.ts')}' "$1"`,
    ]),
  };
}

/** Who signs in where, and what they tick. */
async function writeUserMap(folder: string): Promise<string> {
  const status = JSON.parse((await must(['local', 'status', '-o', 'json'], { cwd: folder })).stdout) as {
    users: { username: string; password: string; fhirUser: string }[];
  };
  const user = (type: string): { username: string; password: string } => {
    const found = status.users.find(({ fhirUser }) => fhirUser.includes(`${type}/`));
    if (found === undefined) throw new Error(`the stack has no user whose fhirUser is a ${type}`);
    return { username: found.username, password: found.password };
  };
  const refused = (await askedFor(folder, 'standalone_smart_auth_info')).filter(
    (scope) =>
      scope.startsWith('patient/') && !GRANTED_IN_GROUP_2.some((type) => scope.includes(`/${type}.`)),
  );
  const practitioner = user('Practitioner');
  const box = (scope: string): string => `input[value='${scope}']`;
  const map = {
    ...user('Patient'),
    by_test: {
      '2': { uncheck: refused.map(box) },
      '3': practitioner,
      '9.19': practitioner,
      '9.26': {
        uncheck: ['Condition', 'Observation'].map((type) => box(`patient/${type}.rs`)),
        check: PICKED_IN_9_26.map((scope) => box(`patient/${scope}`)),
      },
    },
  };
  const file = join(folder, 'users.json');
  await writeFile(file, JSON.stringify(map), { mode: 0o600 });
  return file;
}

async function askedFor(folder: string, input: string): Promise<string[]> {
  const preset = JSON.parse(await readFile(join(folder, 'preset.json'), 'utf8')) as {
    inputs: { name: string; value: { requested_scopes?: string } }[];
  };
  return (preset.inputs.find(({ name }) => name === input)?.value.requested_scopes ?? '').split(' ');
}

/** Called as CMD LAUNCH_URL ISS: the EHR creates a launch and a browser opens the app with it. */
function writeLaunchCommand(folder: string): Promise<string> {
  const bin = join(ROOT, 'bin/smartfhir.js');
  return writeCommand(folder, 'launch', [
    // biome-ignore lint/suspicious/noTemplateCurlyInString: the shell's
    'case "${INFERNO_TEST:-3}" in 9.19*) client=ehr-patient ;; *) client=ehr-practitioner ;; esac',
    `url=$('${process.execPath}' '${bin}' launch ehr --local -C '${folder}' --client "$client" --app "$1" --url-only)`,
    `exec '${process.execPath}' -e 'fetch(process.argv[1], { redirect: "manual" })' "$url"`,
  ]);
}

async function writeCommand(folder: string, name: string, lines: readonly string[]): Promise<string> {
  const file = join(folder, name);
  await writeFile(file, `${['#!/bin/sh', 'set -eu', ...lines].join('\n')}\n`);
  await chmod(file, 0o700);
  return file;
}

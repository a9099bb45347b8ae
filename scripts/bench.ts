/**
 * Measures what users wait for. Ratios are taken in one run on one machine and hold elsewhere; absolute figures are
 * of this machine, now. `--readme` writes the ratios into README.md.
 */

import { readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/core/clock.ts';
import { Redactor } from '../src/core/redact.ts';
import { loadResources } from '../src/data/load.ts';
import { openSession } from '../src/provision/session.ts';
import { clientCredentials } from '../src/smart/app/token.ts';
import { Recorder } from '../src/smart/recorder.ts';
import { type ProvisionedStack, provisionSnapshot, restoreStack } from '../test/support/provisioned-stack.ts';
import { finished, must, ROOT, withStackFolder } from './run/stack.ts';

interface Figure {
  readonly what: string;
  readonly value: string;
  readonly ratio?: string;
}

const OBSERVATIONS = 20_000;
const figures: Figure[] = [];

await startUp();
await commands();
await reads();
for (const { what, value, ratio } of figures)
  console.log(`${what.padEnd(58)} ${value.padStart(12)}   ${ratio ?? ''}`);
if (process.argv.includes('--readme')) await writeReadme();

async function startUp(): Promise<void> {
  const [bare, help]: [number[], number[]] = [[], []];
  for (let run = 0; run < 11; run += 1) {
    bare.push((await finished(process.execPath, ['-e', '0'], { cwd: ROOT })).ms);
    help.push((await must(['--help'], { cwd: ROOT })).ms);
  }
  const ratio = median(help.slice(1)) / median(bare.slice(1));
  figures.push({
    what: '--help against bare node',
    value: ms(median(help.slice(1))),
    ratio: `${ratio.toFixed(2)} ×`,
  });
}

async function commands(): Promise<void> {
  await withStackFolder(async (folder) => {
    await must(['init', '--local', '--no-input'], { cwd: folder });
    const up = await must(['local', 'up'], { cwd: folder });
    figures.push({ what: 'local up: an empty cloud is ready', value: ms(up.ms) });
    const apply = await must(['apply', '--local', '--yes', '-q'], { cwd: folder });
    figures.push({ what: 'apply: everything created and seeded', value: ms(apply.ms) });
    const again = await must(['apply', '--local', '--yes', '-q'], { cwd: folder });
    figures.push({
      what: 'apply again: nothing to do',
      value: ms(again.ms),
      ratio: `${(again.ms / apply.ms).toFixed(2)} × the first`,
    });
    const doctor = await must(['doctor', '--local', '-q'], { cwd: folder });
    figures.push({ what: 'doctor: every check', value: ms(doctor.ms) });
    const { pid } = JSON.parse((await must(['local', 'status', '-o', 'json'], { cwd: folder })).stdout) as {
      pid: number;
    };
    const [stack, gateway] = [
      residentMb(pid),
      childrenOf(pid)
        .map(residentMb)
        .reduce((a, b) => a + b, 0),
    ];
    figures.push({
      what: 'memory of the stack, gateway process included',
      value: `${Math.round(stack + gateway)} MB`,
    });
  });
}

async function reads(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'smartfhir-bench-'));
  const snapshot = join(folder, 'snapshot.db');
  await provisionSnapshot(snapshot);
  const stack = await restoreStack(snapshot);
  try {
    const token = await backendToken(stack);
    const gateway = await timeRead(stack, `${stack.profile.fhirUrl}/Patient/patient-a`, token, 200);
    const direct = await timeRead(
      stack,
      `${stack.outputs.azure.fhirServiceUrl}/Patient/patient-a`,
      token,
      200,
    );
    figures.push({ what: 'a read at the FHIR stand-in itself', value: ms(direct) });
    figures.push({
      what: 'the same read through API Management and the gateway',
      value: ms(gateway),
      ratio: `${(gateway / direct).toFixed(1)} ×`,
    });
    await loadObservations(stack);
    const base = `${stack.outputs.azure.fhirServiceUrl}/Observation`;
    const query =
      '?patient=patient-a&category=laboratory&date=ge2024-06-01&date=lt2024-07-01&_sort=-date&_count=50';
    const search = await timeRead(stack, `${base}${query}`, token, 40);
    figures.push({
      what: `search among ${OBSERVATIONS} observations (patient, category, month, sorted)`,
      value: ms(search),
      ratio: `${(search / direct).toFixed(1)} × a read`,
    });
  } finally {
    await stack.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function backendToken({ profile, outputs, cloud }: ProvisionedStack): Promise<string> {
  const client = profile.clients['backend'];
  if (client === undefined) throw new Error('the stack has no client backend');
  const recorder = new Recorder({
    fetch: cloud.fetch,
    redactor: new Redactor(),
    clock: systemClock,
    limits: {},
    concurrency: 1,
  });
  const wire = recorder.wire('bench');
  const { accessToken } = await clientCredentials(
    { wire, client, tokenUrl: outputs.tokenUrl, now: () => systemClock.now() },
    'system/*.rs',
  );
  return accessToken;
}

async function timeRead(
  { cloud }: ProvisionedStack,
  url: string,
  token: string,
  times: number,
): Promise<number> {
  const took: number[] = [];
  for (let run = 0; run < times + 10; run += 1) {
    const started = performance.now();
    const response = await cloud.fetch(new Request(url, { headers: { authorization: `Bearer ${token}` } }));
    await response.text();
    if (response.status !== 200) throw new Error(`${url} answered ${response.status}`);
    if (run >= 10) took.push(performance.now() - started);
  }
  return median(took);
}

async function loadObservations(stack: ProvisionedStack): Promise<void> {
  const session = await openSession(stack.input);
  const observations = Array.from({ length: OBSERVATIONS }, (_, at) => ({
    resourceType: 'Observation',
    id: `bench-${at}`,
    status: 'final',
    category: [
      {
        coding: [
          {
            system: 'http://terminology.hl7.org/CodeSystem/observation-category',
            code: at % 3 === 0 ? 'laboratory' : 'vital-signs',
          },
        ],
      },
    ],
    code: { coding: [{ system: 'http://loinc.org', code: at % 2 === 0 ? '718-7' : '8867-4' }] },
    subject: { reference: `Patient/patient-${'abc'[at % 3]}` },
    effectiveDateTime: new Date(Date.UTC(2020, 0, 1 + (at % 2000))).toISOString(),
    valueQuantity: { value: 60 + (at % 80), unit: '/min', system: 'http://unitsofmeasure.org', code: '/min' },
  }));
  await loadResources(observations, {
    fetch: stack.cloud.fetch,
    fhirUrl: stack.outputs.azure.fhirServiceUrl,
    token: await session.reader.http.token(`${stack.outputs.azure.fhirAudience}/.default`),
  });
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}

function ms(value: number): string {
  return value < 10
    ? `${value.toFixed(1)} ms`
    : value < 1000
      ? `${Math.round(value)} ms`
      : `${(value / 1000).toFixed(1)} s`;
}

function residentMb(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
}

function childrenOf(parent: number): number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return Number(/PPid:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) === parent;
      } catch {
        return false;
      }
    });
}

async function writeReadme(): Promise<void> {
  const file = join(ROOT, 'README.md');
  const text = await readFile(file, 'utf8');
  const rows = figures.map(({ what, value, ratio }) => `| ${what} | ${value} | ${ratio ?? ''} |`);
  const table = ['| what | here | ratio |', '|---|---|---|', ...rows].join('\n');
  const note = 'One run of `npm run bench` on a shared 2-core machine; the ratios are what to remember.';
  await writeFile(
    file,
    text.replace(/(<!-- bench:begin -->)[\s\S]*(<!-- bench:end -->)/, `$1\n${note}\n\n${table}\n$2`),
  );
}

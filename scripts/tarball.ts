/** The packed tarball, unpacked outside the repository with nothing installed beside it, must judge the laptop stack. */
import { access, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { finished, ROOT } from './run/stack.ts';

const folder = await mkdtemp(join(tmpdir(), 'smartfhir-pack-'));
try {
  await step('npm', ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder], ROOT);
  const tarball = (await readdir(folder)).find((name) => name.endsWith('.tgz'));
  if (tarball === undefined) throw new Error('npm pack wrote no tarball');
  await step('tar', ['xzf', tarball], folder);
  const bin = join(folder, 'package/bin/smartfhir.js');
  await step(process.execPath, [bin, 'version'], folder);
  // The modeline that `init` writes leads editors there.
  await access(join(folder, 'package/schema/smartfhir.schema.json'));
  // package.json names the one, THIRD_PARTY_NOTICES the other.
  await access(join(folder, 'package/dist/types/index.d.ts'));
  await access(join(folder, 'package/dist/licences.txt'));
  await step(process.execPath, [bin, 'doctor', '--local'], folder);
  console.log('tarball: doctor --local ended with 0 outside the repository');
} finally {
  await rm(folder, { recursive: true, force: true });
}

async function step(command: string, args: readonly string[], cwd: string): Promise<void> {
  const { code } = await finished(command, args, { cwd, show: true });
  if (code !== 0) throw new Error(`${command} ${args.join(' ')} ended with ${code}`);
}

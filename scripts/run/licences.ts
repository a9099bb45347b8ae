import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Metafile } from 'esbuild';

/** The licences of all packages that went into the bundles, as their authors wrote them. */
export async function licencesOf(bundles: readonly Metafile[], root: string): Promise<string> {
  const inputs = bundles.flatMap((bundle) => Object.keys(bundle.inputs));
  const folders = new Set(inputs.flatMap((input) => packageFolder(input) ?? []));
  const parts = await Promise.all([...folders].sort().map((folder) => licenceOf(join(root, folder))));
  return parts.join(`\n${'-'.repeat(80)}\n\n`);
}

/** `node_modules/a/node_modules/@b/c/lib/x.js` → `node_modules/a/node_modules/@b/c`. */
function packageFolder(input: string): string | undefined {
  return /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0];
}

async function licenceOf(folder: string): Promise<string> {
  const { name, version, license } = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as {
    name: string;
    version: string;
    license?: string;
  };
  const files = await readdir(folder);
  const file = files.find((candidate) => /^licen[cs]e/i.test(candidate));
  const text = file === undefined ? '' : (await readFile(join(folder, file), 'utf8')).trim();
  return `${name} ${version}: ${license ?? 'see below'}\n\n${text}\n`;
}

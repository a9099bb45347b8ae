/**
 * Builds what is published: dist/ (the CLI, bundled and split), dist/types, dist/assets (what is not code),
 * dist/functions.zip (the SMART gateway, reproducible: sorted names, fixed times), and the licences of what is inside.
 */
import { execFile } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { promisify } from 'node:util';
import { build, type Metafile } from 'esbuild';
import { type Zippable, zipSync } from 'fflate';
import { licencesOf } from './run/licences.ts';

const root = new URL('..', import.meta.url).pathname;
const finished = join(root, 'dist');
/** Built aside and swapped in whole: a build never takes dist/ away from a run that uses it. */
const dist = join(root, `dist.${process.pid}.tmp`);
/** The earliest time a zip entry can carry: what is inside alone decides the hash. */
const FIXED_TIME = new Date(1980, 0, 1, 0, 0, 0);
const REQUIRE_BANNER =
  "import{createRequire as __createRequire}from'node:module';const require=__createRequire(import.meta.url);";

await rm(dist, { recursive: true, force: true });
await mkdir(dist, { recursive: true });
try {
  const bundles = Promise.all([bundleCli(), bundleWorker(), packFunctions()]);
  await Promise.all([bundles, declareTypes(), copyAssets()]);
  await writeFile(join(dist, 'licences.txt'), await licencesOf(await bundles, root));
  await swapIn();
} finally {
  await rm(dist, { recursive: true, force: true });
}

async function swapIn(): Promise<void> {
  const old = `${dist}.old`;
  await rename(finished, old).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
  });
  await rename(dist, finished);
  await rm(old, { recursive: true, force: true });
}

async function bundleCli(): Promise<Metafile> {
  const { metafile } = await build({
    metafile: true,
    entryPoints: [join(root, 'src/main.ts'), join(root, 'src/index.ts')],
    outdir: dist,
    bundle: true,
    splitting: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    chunkNames: 'chunks/[name]-[hash]',
    // Found at run time when the user has it: a browser driver is optional.
    external: ['playwright-core'],
    legalComments: 'none',
    minifySyntax: true,
    minifyWhitespace: true,
    banner: { js: REQUIRE_BANNER },
    logLevel: 'warning',
  });
  return metafile;
}

/** The process that runs a pushed Function package on the laptop: its own file, since it is started on its own. */
async function bundleWorker(): Promise<Metafile> {
  const worker = join(root, 'src/local/functions-host/worker.ts');
  const { metafile } = await build({
    metafile: true,
    entryPoints: [worker],
    outfile: join(dist, 'functions-worker.js'),
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node22',
    legalComments: 'none',
    banner: { js: REQUIRE_BANNER },
    logLevel: 'warning',
  });
  return metafile;
}

/** What `src/index.ts` exports, for TypeScript. Emitted unchecked: `npm run check` has done that. */
async function declareTypes(): Promise<void> {
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const args = ['--project', join(root, 'tsconfig.types.json'), '--outDir', join(dist, 'types')];
  await promisify(execFile)(process.execPath, [tsc, ...args]);
}

async function copyAssets(): Promise<void> {
  const assets = await filesBelow(join(root, 'src'), (name) => !name.endsWith('.ts'));
  for (const file of assets) {
    await cp(file, join(dist, 'assets', relative(join(root, 'src'), file)), { recursive: true });
  }
}

async function packFunctions(): Promise<Metafile> {
  const bundle = await build({
    metafile: true,
    entryPoints: [join(root, 'src/functions/main.ts')],
    bundle: true,
    platform: 'node',
    format: 'cjs',
    target: 'node22',
    external: ['@azure/functions-core'],
    legalComments: 'none',
    minify: true,
    write: false,
    logLevel: 'warning',
  });
  const entries: Record<string, Uint8Array> = {
    'main.cjs': bundle.outputFiles[0]?.contents ?? new Uint8Array(),
  };
  const shipped = join(root, 'src/functions/package');
  for (const file of await filesBelow(shipped, () => true)) {
    entries[relative(shipped, file)] = await readFile(file);
  }
  const zip: Zippable = {};
  for (const name of Object.keys(entries).sort()) {
    const content = entries[name];
    if (content !== undefined) zip[name] = [content, { mtime: FIXED_TIME, level: 9 }];
  }
  await writeFile(join(dist, 'functions.zip'), zipSync(zip));
  return bundle.metafile;
}

async function filesBelow(folder: string, wanted: (name: string) => boolean): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  return entries
    .filter((entry) => entry.isFile() && wanted(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .sort();
}

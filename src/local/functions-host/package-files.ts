import { mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import { unzipSync } from 'fflate';
import { z } from 'zod';

/** Bounds of a package: a zip is hostile until proven otherwise. */
export const PACKAGE_LIMIT_BYTES = 256 * 1024 * 1024;
const UNPACKED_LIMIT_BYTES = 1024 * 1024 * 1024;
const FILE_LIMIT = 100_000;

/** What the host must know of an unpacked package. */
export interface UnpackedPackage {
  readonly folder: string;
  /** Absolute path of the entry file that package.json names. */
  readonly entry: string;
  /** Below which functions are routed; `api` unless host.json says otherwise. */
  readonly routePrefix: string;
}

const manifest = z.object({ main: z.string().min(1) });
const hostFile = z.object({
  version: z.literal('2.0'),
  extensions: z.object({ http: z.object({ routePrefix: z.string().optional() }).optional() }).optional(),
});

/** The files of a package. @throws Error when it is not a zip, too large, or a name leaves the folder */
export function readPackage(zip: Uint8Array): ReadonlyMap<string, Uint8Array> {
  let size = 0;
  let count = 0;
  const files = unzipSync(zip, {
    filter: (file) => {
      size += file.originalSize;
      count += 1;
      if (size > UNPACKED_LIMIT_BYTES || count > FILE_LIMIT) throw new Error('the package is too large');
      return !file.name.endsWith('/');
    },
  });
  for (const name of Object.keys(files)) {
    if (name.startsWith('/') || name.includes('\\') || name.split('/').includes('..')) {
      throw new Error(`the package holds the unsafe name "${name}"`);
    }
  }
  return new Map(Object.entries(files));
}

/** Unpacks into an emptied folder. @throws Error when host.json or package.json do not describe a Node.js app */
export async function unpack(zip: Uint8Array, folder: string): Promise<UnpackedPackage> {
  const files = readPackage(zip);
  const host = hostFile.parse(parseFile(files, 'host.json'));
  const { main } = manifest.parse(parseFile(files, 'package.json'));
  const entry = resolve(folder, main);
  if (!entry.startsWith(resolve(folder) + sep) || !files.has(main.replace(/^\.\//, ''))) {
    throw new Error(`package.json names the entry "${main}", which is not in the package`);
  }
  await rm(folder, { recursive: true, force: true });
  for (const [name, content] of files) {
    const path = join(folder, name);
    await mkdir(dirname(path), { recursive: true, mode: 0o700 });
    await writeFile(path, content, { mode: 0o600 });
  }
  return { folder, entry, routePrefix: host.extensions?.http?.routePrefix ?? 'api' };
}

function parseFile(files: ReadonlyMap<string, Uint8Array>, name: string): unknown {
  const content = files.get(name);
  if (content === undefined) throw new Error(`the package has no ${name}`);
  return JSON.parse(new TextDecoder().decode(content));
}

import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The package's root folder: the nearest one above this file that holds bin/smartfhir.js. */
export function packageRoot(): string {
  let folder = dirname(fileURLToPath(import.meta.url));
  while (!existsSync(join(folder, 'bin', 'smartfhir.js'))) {
    const parent = dirname(folder);
    if (parent === folder)
      throw new Error('the smartfhir package is incomplete: bin/smartfhir.js is missing');
    folder = parent;
  }
  return folder;
}

/**
 * Path of a shipped file that is not code. `name` is relative to `src/` ("templates/policies/fhir-api.xml"); the
 * build copies such files under `dist/assets/`.
 */
export function assetPath(name: string): string {
  const built = join(packageRoot(), 'dist', 'assets', name);
  const source = join(packageRoot(), 'src', name);
  return import.meta.url.includes('/src/core/') && existsSync(source) ? source : built;
}

/** Path of the Function package that the build writes. */
export function functionPackagePath(): string {
  return join(packageRoot(), 'dist', 'functions.zip');
}

/** The version in package.json. */
export function findPackageVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(join(packageRoot(), 'package.json'), 'utf8'));
  const found =
    typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : '';
  return String(found);
}

import { existsSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

/** The folder of public inputs; the project builds without it because the tables are committed. */
export function inputsFolder(): string | undefined {
  const folder = resolve(process.env['SMARTFHIR_DATA'] ?? join(import.meta.dirname, '../../../shared'));
  return existsSync(join(folder, 'data')) ? folder : undefined;
}

export function readText(folder: string, ...parts: readonly string[]): string {
  return readFileSync(join(folder, ...parts), 'utf8').replace(/^\uFEFF/, '');
}

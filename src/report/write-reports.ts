import { join } from 'node:path';
import { writeFileAtomic } from '../core/files.ts';
import type { ResultDocument } from '../core/result.ts';
import { renderJson } from './json.ts';

/** Writes every format that is built into a folder; returns the files. */
export async function writeReports(folder: string, document: ResultDocument): Promise<readonly string[]> {
  const file = join(folder, 'result.json');
  await writeFileAtomic(file, renderJson(document));
  return [file];
}

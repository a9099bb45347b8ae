import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { writeFileAtomic } from '../core/files.ts';
import { parseConfigFile } from './problems.ts';

export interface ConfigEdit {
  readonly path: readonly (string | number)[];
  /** The new value; undefined removes the key. */
  readonly value: unknown;
}

/** The text with the edits applied; comments, order and quoting of everything else stay. */
export function editConfigText(text: string, edits: readonly ConfigEdit[], file: string): string {
  const document = parseDocument(text);
  for (const { path, value } of edits) {
    if (value === undefined) document.deleteIn(path);
    else document.setIn(path, value);
  }
  const edited = document.toString({ lineWidth: 0 });
  parseConfigFile(edited, file);
  return edited;
}

/** Edits a smartfhir.yaml in place, whole or not at all. */
export async function editConfigFile(path: string, edits: readonly ConfigEdit[]): Promise<void> {
  const edited = editConfigText(await readFile(path, 'utf8'), edits, path);
  await writeFileAtomic(path, edited, 0o644);
}

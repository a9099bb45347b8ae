import type { ResultDocument } from '../core/result.ts';

/** The result document as it is written to files and stdout. */
export function renderJson(document: ResultDocument): string {
  return `${JSON.stringify(document, null, 2)}\n`;
}

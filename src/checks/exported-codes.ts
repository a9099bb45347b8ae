import { judge, skip, type Verdict } from './check.ts';
import type { ExportFilesFacts } from './evidence/bulk-export.ts';

/** Do the exported data have resources with these type and category codes? */
export function judgeCodes(
  facts: ExportFilesFacts,
  wanted: readonly { readonly type: string; readonly code: string }[],
): Verdict {
  const missing = wanted.filter(
    ({ type, code }) => !facts.files.some((file) => file.type === type && file.codes.includes(code)),
  );
  if (missing.length === 0) return judge(undefined);
  if (!readWhole(facts)) return NOT_READ;
  const names = missing.map(({ type, code }) => `${type} ${code.split('|')[1]}`);
  return judge(`no exported resource is ${names.join(', ')}`);
}

export const NOT_READ: Verdict = skip(
  'not every file of the export could be read (bulk/absolute-file-urls and bulk/ndjson-lines judge that)',
);

/** What is missing may be in a file that was not read. */
export function readWhole({ listed, files }: ExportFilesFacts): boolean {
  const whole = files.filter((file) => file.status === 200 && file.truncated === null);
  return whole.length === listed.length;
}

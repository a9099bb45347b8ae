/** Writes `src/standards/generated/` anew from the inputs folder. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { inputsFolder } from './tables/inputs.ts';
import { generateModules } from './tables/modules.ts';

const folder = inputsFolder();
if (folder === undefined) {
  console.error(
    'The inputs folder is missing: set SMARTFHIR_DATA to it. Committed tables were left as they are.',
  );
  process.exitCode = 2;
} else {
  const target = join(import.meta.dirname, '../src/standards/generated');
  mkdirSync(target, { recursive: true });
  const { modules, skipped } = generateModules(folder);
  for (const { name, text } of modules) {
    writeFileSync(join(target, name), text);
    console.log(`wrote src/standards/generated/${name}`);
  }
  console.log(`not compiled: ${skipped.join(', ')}`);
}

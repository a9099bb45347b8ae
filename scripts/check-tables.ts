/** Fails when a committed table of `src/standards/generated/` is not what its inputs give. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inputsFolder } from './tables/inputs.ts';
import { generateModules } from './tables/modules.ts';

const folder = inputsFolder();
if (folder === undefined) {
  console.log('tables: not compared, because the inputs folder is absent (SMARTFHIR_DATA names it)');
} else {
  const target = join(import.meta.dirname, '../src/standards/generated');
  const { modules } = generateModules(folder);
  const names = new Set(modules.map((module) => module.name));
  const stale = modules.filter(({ name, text }) => {
    const file = join(target, name);
    return !existsSync(file) || readFileSync(file, 'utf8') !== text;
  });
  const orphans = readdirSync(target).filter((name) => !names.has(name));
  for (const { name } of stale) console.error(`tables: ${name} differs from its inputs; run: npm run tables`);
  for (const name of orphans) console.error(`tables: ${name} is made by no generator`);
  if (stale.length + orphans.length > 0) process.exitCode = 1;
  else console.log(`tables: ${modules.length} agree with their inputs`);
}

import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SmartfhirError } from '../core/errors.ts';

/** Folder of kept runs, below the folder of smartfhir.yaml. */
const RUNS = join('.smartfhir', 'runs');

/** The text of a kept result: given by run id, run folder, or file. */
export async function readRun(cwd: string, given: string): Promise<unknown> {
  const candidates = [
    resolve(cwd, given),
    resolve(cwd, given, 'result.json'),
    join(cwd, RUNS, given, 'result.json'),
  ];
  for (const path of candidates) {
    if (!existsSync(path) || !(await stat(path)).isFile()) continue;
    try {
      return JSON.parse(await readFile(path, 'utf8')) as unknown;
    } catch (error) {
      throw new SmartfhirError('USAGE', `${path} is not a JSON document`, { cause: error });
    }
  }
  throw new SmartfhirError('USAGE', `there is no run "${given}"`, {
    why: `looked for ${candidates.join(', ')}`,
    fix: 'give a result.json, the folder that holds one, or a run id',
  });
}

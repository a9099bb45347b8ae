import { existsSync } from 'node:fs';
import { readdir, readFile, rm, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { SmartfhirError } from '../core/errors.ts';
import { privateFolder, writeFileAtomic } from '../core/files.ts';
import { shortHash } from '../core/ids.ts';
import type { ResultDocument } from '../core/result.ts';
import { renderJson } from './json.ts';

/** Folder of kept runs, below the folder of smartfhir.yaml. */
const RUNS = join('.smartfhir', 'runs');
/** Older runs make room. */
const KEPT_RUNS = 20;
const SUFFIX_DIGITS = 4;

/**
 * Keeps a run in the project, so that `doctor --from ID` can judge it again; the oldest of more than 20 goes.
 *
 * @param project folder of smartfhir.yaml
 * @returns the run's id: when it was started, and a few digits of what it found
 */
export async function keepRun(project: string, document: ResultDocument): Promise<string> {
  const text = renderJson(document);
  const started = document.startedAt.replace(/\.\d+Z$/, 'Z').replace(/[-:]/g, '');
  const id = `${started}-${shortHash(SUFFIX_DIGITS, text)}`;
  await privateFolder(join(project, '.smartfhir'));
  const runs = await privateFolder(join(project, RUNS));
  await writeFileAtomic(join(await privateFolder(join(runs, id)), 'result.json'), text);
  const ids = (await readdir(runs)).filter((name) => /^\d{8}T\d{6}Z-/.test(name)).sort();
  for (const old of ids.slice(0, -KEPT_RUNS)) await rm(join(runs, old), { recursive: true, force: true });
  return id;
}

/** The text of a kept result: given by file, run folder, or run id of the project. */
export async function readRun(cwd: string, given: string, project = cwd): Promise<unknown> {
  const candidates = [
    resolve(cwd, given),
    resolve(cwd, given, 'result.json'),
    join(project, RUNS, given, 'result.json'),
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

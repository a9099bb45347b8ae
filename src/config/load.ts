import { readFile } from 'node:fs/promises';
import { dirname, join, relative, resolve } from 'node:path';
import { messageOf, SmartfhirError } from '../core/errors.ts';
import type { Config, LoadedConfig } from './config.ts';
import { effectiveConfig, LOCAL_ENV } from './layers.ts';
import { nearest } from './nearest.ts';
import { type ParsedFile, parseConfigFile } from './problems.ts';
import { localStarterFile } from './starter.ts';

const CONFIG_FILE = 'smartfhir.yaml';

export interface ConfigLocation {
  readonly cwd: string;
  /** Path given with --config; undefined: search upwards from `cwd`. */
  readonly file?: string | undefined;
  /** Name given with --env; undefined: the first environment of the file. */
  readonly env?: string | undefined;
}

/**
 * The configuration of one environment. Without a file, the laptop's environment is what `init --local --no-input`
 * would write.
 *
 * @throws SmartfhirError `CONFIG_NOT_FOUND`, `CONFIG_INVALID`, or `USAGE` when the file has no such environment
 */
export async function loadConfig(location: ConfigLocation): Promise<LoadedConfig> {
  const found = await findConfigFile(location);
  if (found === undefined) {
    if (location.env !== LOCAL_ENV) {
      throw new SmartfhirError('CONFIG_NOT_FOUND', `no ${CONFIG_FILE} in ${location.cwd} or above`);
    }
    return { file: undefined, folder: location.cwd, environments: [LOCAL_ENV], config: defaultLocalConfig() };
  }
  const parsed = parseConfigFile(found.text, shownPath(location.cwd, found.path));
  const environments = environmentNames(parsed);
  const env = chooseEnvironment(environments, location.env, parsed.file);
  const folder = dirname(found.path);
  return {
    file: found.path,
    folder,
    environments,
    config: withAbsoluteFiles(effectiveConfig(parsed, env), folder),
  };
}

/** `file:` paths are relative to smartfhir.yaml, wherever the command runs. */
function withAbsoluteFiles(config: Config, folder: string): Config {
  const clients = config.clients.map((client) =>
    client.jwks?.startsWith('file:') === true
      ? { ...client, jwks: `file:${resolve(folder, client.jwks.slice('file:'.length))}` }
      : client,
  );
  return { ...config, clients };
}

/** What the laptop is provisioned with where no smartfhir.yaml exists. */
export function defaultLocalConfig(): Config {
  return effectiveConfig(parseConfigFile(localStarterFile(), CONFIG_FILE), LOCAL_ENV);
}

/** Checks every environment of a file, not only the one in use; returns their names. */
export function checkAllEnvironments(text: string, file: string): readonly string[] {
  const parsed = parseConfigFile(text, file);
  const names = environmentNames(parsed);
  for (const name of names) effectiveConfig(parsed, name);
  return names;
}

/** The text and absolute path of the smartfhir.yaml in use; undefined when there is none. */
export async function findConfigFile(
  location: ConfigLocation,
): Promise<{ path: string; text: string } | undefined> {
  if (location.file !== undefined) {
    const path = resolve(location.cwd, location.file);
    try {
      return { path, text: await readFile(path, 'utf8') };
    } catch (error) {
      throw unreadable(location.file, error);
    }
  }
  for (let folder = resolve(location.cwd); ; folder = dirname(folder)) {
    const path = join(folder, CONFIG_FILE);
    try {
      return { path, text: await readFile(path, 'utf8') };
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'ENOENT')) {
        throw unreadable(path, error);
      }
    }
    if (dirname(folder) === folder) return undefined;
  }
}

function unreadable(file: string, cause: unknown): SmartfhirError {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  const why =
    code === 'ENOENT' ? 'there is no such file' : code === 'EISDIR' ? 'it is a folder' : messageOf(cause);
  return new SmartfhirError('CONFIG_NOT_FOUND', `cannot read ${file}`, {
    why,
    fix: 'name a smartfhir.yaml with --config, or leave --config away to look in this folder and above',
    command: 'smartfhir config validate',
    cause,
  });
}

function shownPath(cwd: string, path: string): string {
  const shown = relative(cwd, path);
  return shown.startsWith('..') ? path : shown;
}

function environmentNames(parsed: ParsedFile): readonly string[] {
  const names = Object.keys(parsed.value.environments ?? {});
  return names.length === 0
    ? ['default', LOCAL_ENV]
    : names.includes(LOCAL_ENV)
      ? names
      : [...names, LOCAL_ENV];
}

function chooseEnvironment(names: readonly string[], wanted: string | undefined, file: string): string {
  if (wanted === undefined) return names[0] ?? LOCAL_ENV;
  if (names.includes(wanted)) return wanted;
  const meant = nearest(wanted, names);
  throw new SmartfhirError('USAGE', `${file} has no environment "${wanted}"`, {
    why: `its environments are ${names.join(', ')}`,
    fix: meant === undefined ? 'add it under environments:, or name another one' : `did you mean "${meant}"?`,
    command: 'smartfhir config validate',
  });
}

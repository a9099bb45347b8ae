import { resolve } from 'node:path';
import type { CommandContext, GlobalFlags } from './core/command.ts';
import { parseDuration } from './core/duration.ts';
import { SmartfhirError } from './core/errors.ts';
import { type Io, Stop } from './core/io.ts';
import { createOutput, type OutputFormat } from './core/output.ts';

const FORMATS: readonly OutputFormat[] = ['tty', 'plain', 'json'];
const COLORS = ['auto', 'always', 'never'] as const;

/** Global options as commander leaves them: undefined when not given on the command line. */
export type RawGlobals = Readonly<Record<string, unknown>>;

/** Flags + environment variables (`SMARTFHIR_<NAME>`) + terminal facts → the context every command receives. */
export function createContext(io: Io, raw: RawGlobals, version: string): CommandContext {
  const value = (name: string): string | undefined => {
    const given = raw[name];
    if (typeof given === 'string') return given;
    const fromEnv = io.env[`SMARTFHIR_${name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`];
    return fromEnv === '' ? undefined : fromEnv;
  };
  const flags = globalFlags(io, raw, value);
  const format = oneOf('--output', value('output') ?? (io.stdout.isTTY === true ? 'tty' : 'plain'), FORMATS);
  const output = createOutput(io, {
    format,
    quiet: raw['quiet'] === true,
    verbose: typeof raw['verbose'] === 'number' ? raw['verbose'] : 0,
    color: oneOf('--color', value('color') ?? 'auto', COLORS),
  });
  return { io, flags, output, signal: stopSignal(io, flags.timeoutMs), version };
}

function globalFlags(io: Io, raw: RawGlobals, value: (name: string) => string | undefined): GlobalFlags {
  const timeout = value('timeout');
  const ci = (io.env['CI'] ?? '') !== '' && io.env['CI'] !== 'false';
  const cwd = resolve(io.cwd, value('cwd') ?? '.');
  const reportDir = value('reportDir');
  return {
    cwd,
    config: value('config'),
    env: raw['local'] === true ? 'local' : value('env'),
    reportDir: reportDir === undefined ? undefined : resolve(cwd, reportDir),
    yes: raw['yes'] === true,
    mayAsk: raw['input'] !== false && !ci && io.stdin.isTTY === true && io.stdout.isTTY === true,
    timeoutMs: timeout === undefined ? undefined : parseDuration(timeout, '--timeout'),
  };
}

function stopSignal(io: Io, timeoutMs: number | undefined): AbortSignal {
  const sources: AbortSignal[] = io.interrupted === undefined ? [] : [io.interrupted];
  if (timeoutMs !== undefined) {
    const controller = new AbortController();
    setTimeout(() => controller.abort(new Stop('timeout')), timeoutMs).unref();
    sources.push(controller.signal);
  }
  return AbortSignal.any(sources);
}

function oneOf<T extends string>(option: string, given: string, allowed: readonly T[]): T {
  const found = allowed.find((candidate) => candidate === given);
  if (found !== undefined) return found;
  throw new SmartfhirError('USAGE', `${option} "${given}" is not one of ${allowed.join(', ')}`);
}

import { SmartfhirError } from './errors.ts';
import type { ExitCode } from './exit-codes.ts';
import type { Io } from './io.ts';
import type { Output } from './output.ts';

/** Values of the global flags after flag > environment variable > default. */
export interface GlobalFlags {
  readonly cwd: string;
  /** Path given with --config, else undefined: search upwards for smartfhir.yaml. */
  readonly config: string | undefined;
  /** Name given with --env; undefined means the only or first environment. */
  readonly env: string | undefined;
  readonly reportDir: string | undefined;
  readonly yes: boolean;
  /** May the tool ask? False without a TTY, under CI, or with --no-input. */
  readonly mayAsk: boolean;
  /** Milliseconds, or undefined for no limit. */
  readonly timeoutMs: number | undefined;
}

/** What every command receives. */
export interface CommandContext {
  readonly io: Io;
  readonly flags: GlobalFlags;
  readonly output: Output;
  /** Aborted with a `Stop` on Ctrl-C, SIGTERM, or when --timeout is spent. */
  readonly signal: AbortSignal;
  readonly version: string;
}

export interface OptionDefinition {
  /** Commander's flag syntax: `--only <id...>`. */
  readonly flags: string;
  readonly summary: string;
  readonly choices?: readonly string[];
  readonly default?: string | boolean;
  readonly required?: boolean;
}

export interface ArgumentDefinition {
  /** Commander's argument syntax: `[url]`, `<code>`. */
  readonly name: string;
  readonly summary: string;
}

/** A command as a value: one file each, registered by one line in `commands/index.ts`. */
export interface CommandDefinition {
  /** Words after `smartfhir`: `['launch', 'ehr']`. */
  readonly path: readonly string[];
  readonly summary: string;
  readonly arguments?: readonly ArgumentDefinition[];
  readonly options?: Readonly<Record<string, OptionDefinition>>;
  /** What it touches; shown in --help and in the README. */
  readonly effects: { readonly network: readonly string[]; readonly writes: readonly string[] };
  readonly examples?: readonly string[];
  run(input: CommandInput, context: CommandContext): Promise<ExitCode>;
}

export interface CommandInput {
  /** Positional arguments, in the order of `arguments`. */
  readonly args: readonly (string | undefined)[];
  /** Options by the camel-cased long name. Text, list of texts, or boolean. */
  readonly options: Readonly<Record<string, string | readonly string[] | boolean | undefined>>;
}

export function defineCommand(definition: CommandDefinition): CommandDefinition {
  return definition;
}

/** The text of an option, or undefined when it was not given. */
export function textOption(input: CommandInput, name: string): string | undefined {
  const value = input.options[name];
  return typeof value === 'string' ? value : undefined;
}

/** The values of a repeatable option. */
export function listOption(input: CommandInput, name: string): readonly string[] {
  const value = input.options[name];
  return typeof value === 'object' ? value : [];
}

export function flagOption(input: CommandInput, name: string): boolean {
  return input.options[name] === true;
}

/** A TCP port, 1 to 65535. @throws SmartfhirError `USAGE` for anything else */
export function portOption(input: CommandInput, name: string): number | undefined {
  const text = textOption(input, name);
  if (text === undefined) return undefined;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  const option = name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw new SmartfhirError('USAGE', `--${option} "${text}" is no port`);
}

import { Command, Option } from 'commander';
import { commands } from './commands/index.ts';
import { findPackageVersion } from './core/assets.ts';
import type { CommandDefinition, CommandInput } from './core/command.ts';
import type { Io } from './core/io.ts';
import { GROUP_SUMMARIES, overview } from './overview.ts';

/** Runs the command that was parsed; `globals` are the options every command has. */
export type Action = (
  command: CommandDefinition,
  input: CommandInput,
  globals: Record<string, unknown>,
) => Promise<void>;

/** The command line as commander parses it. */
export function createProgram(io: Io, action: Action): Command {
  const program = new Command('smartfhir');
  program.helpInformation = () => overview(io.stdout.columns ?? 80);
  quiet(program, io);
  // `smartfhir -o json doctor` means the same as `smartfhir doctor -o json`.
  addGlobals(program, true);
  program.version(findPackageVersion(), '--version');
  program.enablePositionalOptions();
  for (const command of commands) addCommand(program, command, io, action);
  return program;
}

function addCommand(program: Command, definition: CommandDefinition, io: Io, action: Action): void {
  const parent = definition.path.slice(0, -1).reduce((at, word) => group(at, word, io), program);
  const command = parent.command(definition.path.at(-1) ?? '').description(definition.summary);
  quiet(command, io);
  for (const argument of definition.arguments ?? []) command.argument(argument.name, argument.summary);
  for (const option of Object.values(definition.options ?? {})) {
    const made = new Option(option.flags, option.summary);
    if (option.choices !== undefined) made.choices(option.choices);
    if (option.default !== undefined) made.default(option.default);
    if (option.required === true) made.makeOptionMandatory();
    command.addOption(made);
  }
  addGlobals(command);
  command.addHelpText('after', effectsText(definition));
  command.action(async (...received: unknown[]) => {
    const [before, own] = [program.opts(), command.opts()];
    const options = { ...before, ...own, input: before['input'] !== false && own['input'] !== false };
    const args = received.slice(0, (definition.arguments ?? []).length) as (string | undefined)[];
    await action(definition, { args, options }, options);
  });
}

function group(parent: Command, word: string, io: Io): Command {
  const known = parent.commands.find((command) => command.name() === word);
  if (known !== undefined) return known;
  const made = parent.command(word).description(GROUP_SUMMARIES[word] ?? word);
  quiet(made, io);
  return made;
}

/** The same everywhere, so made once for all commands; the program's own are accepted before the command, unlisted. */
const GLOBALS = { listed: once(() => globalOptions(false)), unlisted: once(() => globalOptions(true)) };

function addGlobals(command: Command, hidden = false): void {
  const { help, options } = hidden ? GLOBALS.unlisted() : GLOBALS.listed();
  command.addHelpOption(help);
  for (const option of options) {
    if (!command.options.some((own) => own.long === option.long)) command.addOption(option);
  }
}

function globalOptions(hidden: boolean): { help: Option; options: readonly Option[] } {
  const options = [
    new Option('-C, --cwd <dir>', 'work in this folder'),
    new Option('-c, --config <file>', 'smartfhir.yaml to use'),
    new Option('-e, --env <name>', 'environment of smartfhir.yaml'),
    new Option('--local', 'same as --env local: the laptop stack'),
    new Option('-o, --output <format>', 'tty, plain or json'),
    new Option('--report-dir <dir>', 'write every report format into this folder'),
    new Option('--yes', 'approve what would be asked'),
    new Option('--no-input', 'never ask'),
    new Option('-q, --quiet', 'result only'),
    new Option('-v, --verbose', 'say more; repeat for more').argParser(
      (_: string, n: number | undefined) => (n ?? 0) + 1,
    ),
    new Option('--color <when>', 'auto, always or never'),
    new Option('--timeout <duration>', 'time budget: 90s, 20m'),
  ];
  const help = new Option('-h, --help', 'show this help');
  if (!hidden) for (const option of [help, ...options]) option.helpGroup('Global options:');
  return { help, options: options.map((option) => option.hideHelp(hidden)) };
}

function once<T>(make: () => T): () => T {
  let made: T | undefined;
  return () => (made ??= make());
}

function effectsText(definition: CommandDefinition): string {
  const { network, writes } = definition.effects;
  const lines = [
    '',
    `Network: ${network.length === 0 ? 'none' : network.join(', ')}`,
    `Writes:  ${writes.length === 0 ? 'nothing' : writes.join(', ')}`,
  ];
  if (definition.examples !== undefined) {
    lines.push('', 'Examples:', ...definition.examples.map((line) => `  $ ${line}`));
  }
  return lines.join('\n');
}

function quiet(command: Command, io: Io): void {
  command.exitOverride().configureOutput({
    writeOut: (text) => void io.stdout.write(text),
    // Usage errors are reported once, by reportFailure.
    writeErr: () => undefined,
    getOutHelpWidth: () => io.stdout.columns ?? 80,
    getOutHasColors: () => false,
  });
}

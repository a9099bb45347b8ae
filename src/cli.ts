import { Command, CommanderError, Option } from 'commander';
import { commands } from './commands/index.ts';
import { findPackageVersion } from './core/assets.ts';
import type { CommandContext, CommandDefinition, CommandInput } from './core/command.ts';
import { asSmartfhirError, errorDocument, SmartfhirError } from './core/errors.ts';
import { ExitCode } from './core/exit-codes.ts';
import { type Io, Stop } from './core/io.ts';
import { oneLine, terminalJson, terminalText } from './core/terminal-text.ts';
import { wrap } from './core/wrap.ts';

/**
 * Runs one command line.
 *
 * @param argv the words after `smartfhir`
 * @returns the exit code; never throws and never ends the process
 */
export async function run(argv: readonly string[], io: Io): Promise<ExitCode> {
  let context: CommandContext | undefined;
  let outcome: ExitCode = ExitCode.internal;
  const program = createProgram(io, async (command, input, globals) => {
    const { createContext } = await import('./context.ts');
    context = createContext(io, globals, findPackageVersion());
    outcome = await untilStopped(command.run(input, context), context.signal);
  });
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return context === undefined ? ExitCode.ok : outcome;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return ExitCode.ok;
    if (argv.length === 0) {
      // Nobody who types the bare name made a mistake: they want to know what there is.
      program.configureOutput({ writeErr: (text) => void io.stderr.write(text) });
      program.outputHelp({ error: true });
      return ExitCode.usage;
    }
    return reportFailure(error, argv, io, context);
  }
}

/** A command may still tidy up after a stop, for this long in milliseconds; then the run ends without it. */
const TIDY_UP_MS = 3000;

async function untilStopped(work: Promise<ExitCode>, signal: AbortSignal): Promise<ExitCode> {
  let timer: NodeJS.Timeout | undefined;
  const stopped = new Promise<never>((_, reject) => {
    const stop = (): void => {
      timer = setTimeout(() => reject(signal.reason), TIDY_UP_MS);
    };
    if (signal.aborted) stop();
    else signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([work, stopped]);
  } catch (error) {
    // Whatever a stopped command throws, the stop is the reason.
    throw signal.aborted && !(error instanceof SmartfhirError) ? signal.reason : error;
  } finally {
    clearTimeout(timer);
  }
}

type Action = (
  command: CommandDefinition,
  input: CommandInput,
  globals: Record<string, unknown>,
) => Promise<void>;

function createProgram(io: Io, action: Action): Command {
  const program = new Command('smartfhir');
  program
    .description(
      'Provision, check and launch SMART on FHIR for ONC (g)(10), on Azure or whole on one laptop.',
    )
    .usage('<command> [options]')
    .addHelpText('after', '\nStart here: smartfhir init · smartfhir doctor URL · smartfhir local up');
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

const GROUP_SUMMARIES: Readonly<Record<string, string>> = {
  launch: 'play the EHR or the app of a SMART launch',
  local: 'the cloud on this laptop',
  checks: 'the checks of doctor',
  config: 'smartfhir.yaml',
  client: 'the registered SMART apps',
  data: 'FHIR data: generate and load',
  inferno: 'the official (g)(10) test kit',
};

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

function asksForJson(argv: readonly string[]): boolean {
  return argv.some(
    (word, at) =>
      word === '-ojson' ||
      word === '--output=json' ||
      (/^(-o|--output)$/.test(word) && argv[at + 1] === 'json'),
  );
}

/** Where the words of a failure start. */
const FAILURE_COLUMNS = 9;

function reportFailure(
  thrown: unknown,
  argv: readonly string[],
  io: Io,
  context: CommandContext | undefined,
): ExitCode {
  const error = toSmartfhirError(thrown, argv);
  const json = context?.output.format === 'json' || asksForJson(argv);
  const exitCode = thrown instanceof Stop ? stopExitCode(thrown) : error.exitCode;
  if (json) {
    const document = { ...errorDocument(error), exitCode };
    io.stdout.write(`${terminalJson(JSON.stringify(document, null, 2))}\n`);
    return exitCode;
  }
  const bug = error.code === 'INTERNAL';
  const width = io.stdout.columns ?? Number.POSITIVE_INFINITY;
  const lines = [
    wrap(`✗ ${error.code}  ${error.message}`, width, FAILURE_COLUMNS),
    wrap(`  cause  ${oneLine(error.why)}`, width, FAILURE_COLUMNS),
    wrap(`  fix    ${error.fix}`, width, FAILURE_COLUMNS),
    `  next   ${error.command}`,
  ];
  if ((bug || (context?.output.verbose ?? 0) > 0) && error.cause instanceof Error)
    lines.push(error.cause.stack ?? '');
  io.stderr.write(`${terminalText(lines.join('\n'))}\n`);
  return exitCode;
}

function stopExitCode(stop: Stop): ExitCode {
  if (stop.kind === 'timeout') return ExitCode.timeout;
  return stop.kind === 'terminate' ? ExitCode.terminated : ExitCode.interrupted;
}

function toSmartfhirError(thrown: unknown, argv: readonly string[]): SmartfhirError {
  if (thrown instanceof Stop) {
    const command = ['smartfhir', ...argv]
      .map((word) => (/[\s"'$]/.test(word) ? `'${word}'` : word))
      .join(' ');
    return new SmartfhirError(thrown.kind === 'timeout' ? 'TIMEOUT' : 'INTERRUPTED', thrown.message, {
      command,
    });
  }
  if (thrown instanceof CommanderError && thrown.code === 'commander.help') {
    const [word = ''] = wordsOf(argv);
    const members = commands.filter(({ path }) => path[0] === word).map(({ path }) => path.at(-1));
    return new SmartfhirError('USAGE', 'a word is missing: the command is not complete', {
      why: word === '' ? 'no command was named' : `"${word}" only groups commands: ${members.join(', ')}`,
      fix: 'add one of them',
      command: `smartfhir ${word} --help`.replace('  ', ' '),
    });
  }
  if (thrown instanceof CommanderError) {
    return new SmartfhirError('USAGE', thrown.message.replace(/^error: /, '').replace(/\n/g, ' '), {
      why: 'the command line is not understood',
      command: ['smartfhir', ...wordsOf(argv), '--help'].join(' '),
    });
  }
  return asSmartfhirError(thrown);
}

/** The words of the command that was meant, as far as they are known: `local up` of `-v local up --bogus`. */
function wordsOf(argv: readonly string[]): readonly string[] {
  const begins = (words: readonly string[]): boolean =>
    commands.some(({ path }) => words.every((word, at) => path[at] === word));
  const start = argv.findIndex((word) => begins([word]));
  const [first, second] = start < 0 ? [] : [argv[start], argv[start + 1]];
  if (first === undefined) return [];
  return second !== undefined && begins([first, second]) ? [first, second] : [first];
}

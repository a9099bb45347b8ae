import { commands } from './commands/index.ts';
import type { CommandContext } from './core/command.ts';
import { asSmartfhirError, errorDocument, SmartfhirError } from './core/errors.ts';
import { ExitCode } from './core/exit-codes.ts';
import { type Io, Stop } from './core/io.ts';
import { oneLine, terminalJson, terminalText } from './core/terminal-text.ts';
import { wrap } from './core/wrap.ts';

/** An error of the parser, known by its shape: the parser is loaded only when it is needed. */
export interface ParserError extends Error {
  readonly code: string;
  readonly exitCode: number;
}

export function isParserError(thrown: unknown): thrown is ParserError {
  return thrown instanceof Error && 'code' in thrown && String(thrown.code).startsWith('commander.');
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

/** Says on the right stream why a run ended, and answers its exit code. */
export function reportFailure(
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
  if (isParserError(thrown) && thrown.code === 'commander.help') {
    const [word = ''] = wordsOf(argv);
    const members = commands.filter(({ path }) => path[0] === word).map(({ path }) => path.at(-1));
    return new SmartfhirError('USAGE', 'a word is missing: the command is not complete', {
      why: word === '' ? 'no command was named' : `"${word}" only groups commands: ${members.join(', ')}`,
      fix: 'add one of them',
      command: `smartfhir ${word} --help`.replace('  ', ' '),
    });
  }
  if (isParserError(thrown)) {
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

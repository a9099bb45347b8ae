import { Chalk, type ChalkInstance } from 'chalk';
import type { Io } from './io.ts';
import { withSpinner } from './spinner.ts';
import { terminalJson, terminalText } from './terminal-text.ts';

export type OutputFormat = 'tty' | 'plain' | 'json';

/** The one port through which a command speaks. stdout holds the result only; the rest goes to stderr. */
export interface Output {
  readonly format: OutputFormat;
  /** Columns of the terminal; without limit where there is none, so that pipes and logs get whole lines. */
  readonly width: number;
  /** Colours for stdout; every function is the identity when colour is off. */
  readonly style: ChalkInstance;
  readonly verbose: number;
  /** Only the result was asked for. */
  readonly quiet: boolean;
  /** The result: `document` as JSON under `-o json`, else the text that `render` makes of it. */
  result(document: unknown, render: () => string): void;
  /** A line of human text that belongs to the result; silent under `-o json`. */
  line(text?: string): void;
  /** What is happening now; to stderr, silent under `--quiet`. */
  progress(text: string): void;
  /** One wait: a spinner where people watch, a line of progress elsewhere. */
  wait<T>(text: string, work: () => Promise<T>): Promise<T>;
  /** Something the user should know although the run goes on; to stderr always. */
  notice(text: string): void;
  /** Only under `-v`; to stderr. */
  debug(text: string): void;
}

export interface OutputOptions {
  readonly format: OutputFormat;
  readonly quiet: boolean;
  readonly verbose: number;
  readonly color: 'auto' | 'always' | 'never';
}

/** `--color` > NO_COLOR > FORCE_COLOR > TTY. The only place where colour is decided. */
function colorEnabled(color: OutputOptions['color'], io: Pick<Io, 'env' | 'stdout'>): boolean {
  if (color !== 'auto') return color === 'always';
  if ((io.env['NO_COLOR'] ?? '') !== '') return false;
  const force = io.env['FORCE_COLOR'];
  if (force !== undefined && force !== '') return force !== '0' && force !== 'false';
  return io.stdout.isTTY === true && io.env['TERM'] !== 'dumb';
}

/** A pseudo-terminal without a size has 0 columns: no spinner can find its line there again. */
function canSpin({ env, stderr }: Io): boolean {
  return stderr.isTTY === true && stderr.columns !== 0 && env['TERM'] !== 'dumb';
}

export function createOutput(io: Io, options: OutputOptions): Output {
  const { format, quiet, verbose } = options;
  const human = format !== 'json';
  const style = new Chalk({ level: human && colorEnabled(options.color, io) ? 1 : 0 });
  const out = (text: string): void => {
    io.stdout.write(`${terminalText(text, style.level > 0)}\n`);
  };
  const err = (text: string): void => {
    io.stderr.write(`${terminalText(text, style.level > 0)}\n`);
  };
  const json = (document: unknown): void => {
    io.stdout.write(`${terminalJson(JSON.stringify(document, null, 2))}\n`);
  };
  const progress = (text: string): void => {
    if (!quiet) err(text);
  };
  return {
    format,
    width:
      io.stdout.columns !== undefined && io.stdout.columns > 0 ? io.stdout.columns : Number.POSITIVE_INFINITY,
    style,
    verbose,
    quiet,
    result: (document, render) => (human ? out(render()) : json(document)),
    line: (text = '') => {
      if (human) out(text);
    },
    progress,
    wait: async (text, work) => {
      if (format === 'tty' && !quiet && canSpin(io))
        return await withSpinner(io.stderr, terminalText(text), style.level > 0, work);
      progress(text);
      return await work();
    },
    notice: err,
    debug: (text) => {
      if (verbose > 0) err(text);
    },
  };
}

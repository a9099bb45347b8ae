import type { Writable } from 'node:stream';

/** Shows a spinner on a terminal while the work lasts; nothing of it stays. Loaded only when there is a wait. */
export async function withSpinner<T>(
  terminal: Writable,
  text: string,
  coloured: boolean,
  work: () => Promise<T>,
): Promise<T> {
  const { default: ora } = await import('ora');
  const spinner = ora({
    text,
    stream: terminal,
    color: coloured ? 'cyan' : false,
    isEnabled: true,
    // Ctrl-C is a signal's business.
    discardStdin: false,
  }).start();
  try {
    return await work();
  } finally {
    spinner.stop();
  }
}

import { type FileHandle, open, readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../../core/clock.ts';
import { privateFolder } from '../../core/files.ts';

/** One line of the journal. Holds ids, URLs and outcomes; never a value of a resource. */
export type JournalEntry =
  | { readonly kind: 'start'; readonly run: string; readonly command: 'apply' | 'destroy' }
  | { readonly kind: 'intent'; readonly id: string; readonly action: string }
  | { readonly kind: 'operation'; readonly id: string; readonly url: string }
  | { readonly kind: 'outcome'; readonly id: string; readonly outcome: 'done' | 'failed' }
  | { readonly kind: 'end'; readonly complete: boolean };

/** Work that was begun and whose end nobody saw. */
export interface PendingWork {
  readonly id: string;
  readonly action: string;
  /** The asynchronous operation, when one was started. */
  readonly operationUrl: string | undefined;
}

/** Where a run notes what it is about to do, before it does it. */
export interface Journal {
  write(entry: JournalEntry): Promise<void>;
  close(): Promise<void>;
}

/**
 * A new journal file. Every line is on disk before `write` resolves. An intent must be written before the request it
 * announces, so that a crash leaves evidence.
 */
export async function openJournal(
  folder: string,
  command: 'apply' | 'destroy',
  clock: Clock,
): Promise<Journal> {
  await privateFolder(folder);
  const run = `${new Date(clock.now()).toISOString().replaceAll(/[:.]/g, '-')}-${process.pid}`;
  const file = await open(join(folder, `${run}.ndjson`), 'a', 0o600);
  const journal = new FileJournal(file, clock);
  await journal.write({ kind: 'start', run, command });
  return journal;
}

class FileJournal implements Journal {
  readonly #file: FileHandle;
  readonly #clock: Clock;
  /** Lines are written one after the other, whoever asks. */
  #last: Promise<void> = Promise.resolve();

  constructor(file: FileHandle, clock: Clock) {
    this.#file = file;
    this.#clock = clock;
  }

  write(entry: JournalEntry): Promise<void> {
    const line = `${JSON.stringify({ at: new Date(this.#clock.now()).toISOString(), ...entry })}\n`;
    const written = this.#last.then(async () => {
      await this.#file.appendFile(line);
      await this.#file.datasync();
    });
    this.#last = written.catch(() => undefined);
    return written;
  }

  async close(): Promise<void> {
    await this.#last;
    await this.#file.close();
  }
}

/** What the newest run in the folder left open; nothing when it ended in order or there was none. */
export async function pendingWork(folder: string): Promise<readonly PendingWork[]> {
  const names = await readdir(folder).catch(() => [] as string[]);
  const newest = names
    .filter((name) => name.endsWith('.ndjson'))
    .sort()
    .at(-1);
  return newest === undefined ? [] : openWork(await readFile(join(folder, newest), 'utf8'));
}

/** The intents without outcome in the text of a journal; a torn last line is ignored. */
export function openWork(text: string): readonly PendingWork[] {
  const pending = new Map<string, PendingWork>();
  for (const line of text.split('\n')) {
    const entry = parseLine(line);
    if (entry?.kind === 'intent')
      pending.set(entry.id, { id: entry.id, action: entry.action, operationUrl: undefined });
    if (entry?.kind === 'operation') {
      const work = pending.get(entry.id);
      if (work !== undefined) pending.set(entry.id, { ...work, operationUrl: entry.url });
    }
    if (entry?.kind === 'outcome') pending.delete(entry.id);
  }
  return [...pending.values()];
}

function parseLine(line: string): JournalEntry | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === 'object' && value !== null && 'kind' in value
      ? (value as JournalEntry)
      : undefined;
  } catch {
    return undefined;
  }
}

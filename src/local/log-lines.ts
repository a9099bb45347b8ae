/** A line of the stack's log: JSON of a request or an entry, or text the process wrote by itself. */
export type LogLine = Readonly<Record<string, unknown>>;

export function parseLogLine(line: string): LogLine {
  try {
    const value: unknown = JSON.parse(line);
    if (typeof value === 'object' && value !== null) return value as LogLine;
  } catch {
    // Not ours: what Node itself wrote to stderr.
  }
  return { level: 'error', text: line };
}

/** `12:03:44 arm           PUT 201 management.azure.com/… 14 ms` */
export function renderLogLine(line: LogLine): string {
  const time = String(line['at'] ?? '')
    .slice(11, 19)
    .padEnd(8);
  const who = String(line['standIn'] ?? '').padEnd(10);
  if (line['method'] === undefined) return `${time} ${who} ${String(line['level'])}: ${String(line['text'])}`;
  const outcome = line['error'] === undefined ? String(line['status']) : `✗ ${String(line['error'])}`;
  return `${time} ${who} ${String(line['method'])} ${outcome} ${String(line['host'])}${String(line['path'])} ${String(line['ms'])} ms`;
}

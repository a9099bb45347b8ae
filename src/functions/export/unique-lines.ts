const NEWLINE = 0x0a;
/** Bytes of one resource that are held at most. */
const LONGEST_LINE = 32 * 1024 * 1024;

/**
 * NDJSON without the lines whose resource came before. The FHIR service searches patients' compartments one by one and
 * writes what they share, and with SMART each patient, several times; Bulk Data 2.0.0 wants a resource once. Works
 * within one file: only the ids of its lines are kept. Lines that are no JSON resource pass as they are.
 *
 * The stream fails when a line is longer than 32 MiB.
 */
export function uniqueLines(): TransformStream<Uint8Array, Uint8Array> {
  const seen = new Set<string>();
  let held: Uint8Array[] = [];
  let size = 0;
  const hold = (part: Uint8Array): void => {
    if (part.length === 0) return;
    held.push(part);
    size += part.length;
    if (size > LONGEST_LINE) throw new Error('a line of the export is too long');
  };
  const emit = (controller: TransformStreamDefaultController<Uint8Array>): void => {
    const line = Buffer.concat(held);
    held = [];
    size = 0;
    const id = idOf(line);
    if (id !== undefined && seen.has(id)) return;
    if (id !== undefined) seen.add(id);
    if (line.length > 0) controller.enqueue(line);
  };
  return new TransformStream({
    transform(chunk, controller) {
      let from = 0;
      for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, from)) {
        hold(chunk.subarray(from, at + 1));
        emit(controller);
        from = at + 1;
      }
      hold(chunk.subarray(from));
    },
    flush: emit,
  });
}

function idOf(line: Buffer): string | undefined {
  try {
    const resource: unknown = JSON.parse(line.toString('utf8'));
    if (typeof resource !== 'object' || resource === null || !('id' in resource)) return undefined;
    return typeof resource.id === 'string' ? resource.id : undefined;
  } catch {
    return undefined;
  }
}

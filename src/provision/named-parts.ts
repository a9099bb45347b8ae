import type { FieldChange } from './engine/resource.ts';

type Named = Readonly<Record<string, unknown>> & { readonly name: string };

/**
 * A setting that is a JSON list of named things, such as the registered clients, as the parts that differ: people look
 * for the client they touched, not for a difference far inside a long line. Other fields stay as they are.
 */
export function namedParts(change: FieldChange): readonly FieldChange[] {
  const [from, to] = [namedList(change.from), namedList(change.to)];
  if (from === undefined || to === undefined) return [change];
  const names = [...new Set([...from.keys(), ...to.keys()])];
  const parts = names.flatMap((name) => {
    const field = `${change.field}.${name}`;
    const [before, after] = [from.get(name), to.get(name)];
    if (before === undefined || after === undefined)
      return [{ field, from: shown(before), to: after === undefined ? 'removed' : (shown(after) ?? '') }];
    const keys = [...new Set([...Object.keys(before), ...Object.keys(after)])];
    return keys
      .filter((key) => shown(before[key]) !== shown(after[key]))
      .map((key) => ({
        field: `${field}.${key}`,
        from: shown(before[key]),
        to: shown(after[key]) ?? 'none',
      }));
  });
  // Only the order differs.
  return parts.length === 0 ? [change] : parts;
}

function namedList(text: string | null): ReadonlyMap<string, Named> | undefined {
  if (text?.startsWith('[{') !== true) return undefined;
  try {
    const list: unknown = JSON.parse(text);
    return Array.isArray(list) && list.every(isNamed)
      ? new Map(list.map((item) => [item.name, item]))
      : undefined;
  } catch {
    return undefined;
  }
}

function isNamed(value: unknown): value is Named {
  return typeof value === 'object' && value !== null && 'name' in value && typeof value.name === 'string';
}

function shown(value: unknown): string | null {
  return value === undefined ? null : typeof value === 'string' ? value : JSON.stringify(value);
}

/**
 * A value that only apply will know, as text. Marks survive interpolation, so whatever is built from an unknown is
 * unknown as well. The brackets are private-use characters that no real value holds.
 */
const OPEN = '\u{f0000}';
const CLOSE = '\u{f0001}';

/** The stand-in for output `field` of resource `id` while planning. */
export function unknownValue(id: string, field: string): string {
  return `${OPEN}${id}.${field}${CLOSE}`;
}

/** Does the value hold an unknown anywhere? */
export function isUnknown(value: unknown): boolean {
  if (typeof value === 'string') return value.includes(OPEN);
  if (Array.isArray(value)) return value.some(isUnknown);
  return typeof value === 'object' && value !== null && Object.values(value).some(isUnknown);
}

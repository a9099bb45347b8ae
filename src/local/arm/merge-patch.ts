/**
 * A PATCH body laid over the stored one (RFC 7396): objects are merged, `null` takes a member away, everything
 * else replaces. Tags are replaced as a whole, as resource providers do.
 */
export function mergePatch(
  base: Readonly<Record<string, unknown>>,
  patch: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const merged: Record<string, unknown> = { ...base };
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name];
    else if (name !== 'tags' && isRecord(value)) {
      const before = Object.hasOwn(merged, name) ? merged[name] : undefined;
      merged[name] = mergePatch(isRecord(before) ? before : {}, value);
    } else merged[name] = value;
  }
  return merged;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A member of a JSON body that ought to be an object; an empty one otherwise. */
export function objectAt(body: unknown, name: string): Readonly<Record<string, unknown>> {
  const value =
    typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}

export function textAt(body: unknown, name: string): string | undefined {
  const value =
    typeof body === 'object' && body !== null ? (body as Record<string, unknown>)[name] : undefined;
  return typeof value === 'string' ? value : undefined;
}

/** The service that an id lies in: everything up to `/service/{name}`. */
export function serviceIdOf(id: string): string {
  return /^.*?\/providers\/Microsoft\.ApiManagement\/service\/[^/]+/i.exec(id)?.[0] ?? '';
}

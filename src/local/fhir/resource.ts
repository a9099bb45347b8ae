/** A FHIR resource as JSON. */
export interface Resource {
  readonly resourceType: string;
  readonly id?: string;
  readonly meta?: {
    readonly versionId?: string;
    readonly lastUpdated?: string;
    readonly [key: string]: unknown;
  };
  readonly [element: string]: unknown;
}

export type JsonObject = Readonly<Record<string, unknown>>;

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function asArray(value: unknown): readonly unknown[] {
  if (value === undefined || value === null) return [];
  return Array.isArray(value) ? value : [value];
}

/** FHIR R4 section 2.24.0.1: letters, digits, `-` and `.`, at most 64. */
export function isId(text: string): boolean {
  return /^[A-Za-z0-9\-.]{1,64}$/.test(text);
}

/** Milliseconds as the service writes instants. */
export function instant(milliseconds: number): string {
  return new Date(milliseconds).toISOString().replace('Z', '+00:00');
}

import { messageOf, SmartfhirError } from '../core/errors.ts';
import type { LoadableResource } from './load.ts';

/**
 * The resources of a file: NDJSON, one resource, or a Bundle's entries.
 *
 * @throws SmartfhirError `USAGE` naming file and line of the first thing that is no resource with an id
 */
export function parseResources(text: string, file: string): LoadableResource[] {
  const whole = tryJson(text);
  if (whole !== undefined) {
    const entries = entriesOf(whole);
    return (entries ?? [whole]).map((item, index) =>
      asResource(item, entries === undefined ? `${file}:1` : `${file}: entry ${index}`),
    );
  }
  return text
    .split('\n')
    .map((line, index) => ({ line: line.trim(), at: `${file}:${index + 1}` }))
    .filter(({ line }) => line !== '')
    .map(({ line, at }) => asResource(parseLine(line, at), at));
}

function parseLine(line: string, at: string): unknown {
  try {
    return JSON.parse(line);
  } catch (error) {
    throw new SmartfhirError('USAGE', `${at}: not JSON: ${messageOf(error)}`, {
      why: 'the file is to be one FHIR resource per line (NDJSON), or one resource or Bundle',
      fix: 'correct the named line',
      command: 'smartfhir data load --help',
    });
  }
}

function tryJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function entriesOf(value: unknown): unknown[] | undefined {
  if (typeof value !== 'object' || value === null || !('resourceType' in value)) return undefined;
  if (value.resourceType !== 'Bundle' || !('entry' in value) || !Array.isArray(value.entry)) return undefined;
  return value.entry.map((entry: unknown) =>
    typeof entry === 'object' && entry !== null && 'resource' in entry ? entry.resource : undefined,
  );
}

function asResource(value: unknown, at: string): LoadableResource {
  const { resourceType, id } = (value ?? {}) as Partial<Record<'resourceType' | 'id', unknown>>;
  const valid = typeof resourceType === 'string' && /^[A-Z][A-Za-z]+$/.test(resourceType);
  if (!valid || typeof id !== 'string' || !/^[A-Za-z0-9\-.]{1,64}$/.test(id)) {
    throw new SmartfhirError('USAGE', `${at}: no FHIR resource with resourceType and id`, {
      why: 'resources are written under the ids that they bring',
      fix: 'give every resource both',
      command: 'smartfhir data load --help',
    });
  }
  return value as LoadableResource;
}

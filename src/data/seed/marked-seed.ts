import { shortHash } from '../../core/ids.ts';
import { isObject, objectsOf, stringOf } from '../../smart/json.ts';
import type { SeedResource } from './resource.ts';
import { generateSeed, SEED_GROUP } from './seed.ts';

const FINGERPRINT_SYSTEM = 'https://smartfhir.example/identifiers/seed';
const HASH_DIGITS = 16;

/** The seed, its Group marked with the fingerprint of all of it, so that a change of the generator is seen. */
export function markedSeed(): { readonly resources: readonly SeedResource[]; readonly fingerprint: string } {
  const seed = generateSeed();
  const fingerprint = shortHash(HASH_DIGITS, JSON.stringify(seed));
  const mark = { system: FINGERPRINT_SYSTEM, value: fingerprint };
  const resources = seed.map((resource) =>
    resource.id === SEED_GROUP
      ? { ...resource, identifier: [...objectsOf(resource['identifier']), mark] }
      : resource,
  );
  return { resources, fingerprint };
}

/** The fingerprint that a Group carries. */
export function fingerprintOf(group: unknown): string | undefined {
  const identifiers = isObject(group) ? objectsOf(group['identifier']) : [];
  return stringOf(identifiers.find(({ system }) => system === FINGERPRINT_SYSTEM)?.['value']);
}

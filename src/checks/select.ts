import { SmartfhirError } from '../core/errors.ts';
import type { Check } from './check.ts';

export interface Selection {
  readonly only: readonly string[];
  readonly skip: readonly string[];
}

/**
 * The checks a run is asked for. A pattern is an id, a group, or either with `*` in it.
 *
 * @throws SmartfhirError `USAGE` for a pattern that fits no check: a typing error would otherwise look like success
 */
export function selectChecks(checks: readonly Check[], selection: Selection): readonly Check[] {
  const matching = (pattern: string): readonly Check[] => {
    const found = checks.filter((check) => fits(pattern, check.meta.id));
    if (found.length > 0) return found;
    throw new SmartfhirError('USAGE', `no check is named "${pattern}"`, {
      fix: 'use an id (discovery/pkce-s256), a group (discovery) or a pattern (token/*)',
      command: 'smartfhir checks list',
    });
  };
  const wanted = new Set(selection.only.length === 0 ? checks : selection.only.flatMap(matching));
  for (const check of selection.skip.flatMap(matching)) wanted.delete(check);
  return checks.filter((check) => wanted.has(check));
}

function fits(pattern: string, id: string): boolean {
  const source = pattern.split('*').map((part) => part.replace(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${source.join('.*')}(?:/.*)?$`).test(id);
}

import { describe, expect, test } from 'vitest';
import { checks } from '../../src/checks/index.ts';
import { INFERNO_TEST_IDS } from '../../src/standards/generated/inferno-test-ids.ts';
import { REQUIREMENT_IDS } from '../../src/standards/generated/requirement-ids.ts';

describe.each(checks.map(({ meta }) => [meta.id, meta] as const))('%s', (_, meta) => {
  test('refers to requirements and Inferno tests that exist, each once', () => {
    const referred = [...meta.requirements, ...meta.inferno];
    const unknown = [
      ...meta.requirements.filter((id) => !(id in REQUIREMENT_IDS)),
      ...meta.inferno.filter((id) => !(id in INFERNO_TEST_IDS)),
    ];
    expect(unknown).toEqual([]);
    expect(referred).toEqual([...new Set(referred)]);
  });
});

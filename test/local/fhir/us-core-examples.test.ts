import { describe, expect, test } from 'vitest';
import { inputsFolder } from '../../../scripts/tables/inputs.ts';
import { packageResources } from '../../../scripts/tables/us-core.ts';
import { PATIENT_COMPARTMENT } from '../../../src/standards/generated/patient-compartment.ts';
import { fhirCloud, ids } from './fhir-cloud.ts';

interface Example {
  readonly resourceType: string;
  readonly id: string;
  readonly meta?: Record<string, unknown>;
  readonly subject?: { readonly reference?: string };
  readonly patient?: { readonly reference?: string };
}

const folder = inputsFolder();
if (folder === undefined) console.log('US Core examples: skipped, the inputs folder is absent');

describe.skipIf(folder === undefined)('the examples of US Core', () => {
  const examples =
    folder === undefined
      ? []
      : packageResources<Example>(
          folder,
          'hl7.fhir.us.core-6.1.0.tgz',
          /^package\/example\/.*\.json$/,
        ).filter((example) => example.id !== undefined && example.resourceType !== 'SearchParameter');

  test('are stored and come back as they were, and are found by their patient', async () => {
    const cloud = await fhirCloud();
    expect(examples.length).toBeGreaterThan(150);
    for (const example of examples) {
      const place = `/${example.resourceType}/${example.id}`;
      const written = await cloud.put(example as unknown as Record<string, unknown>);
      expect([place, written.status, written.status === 201 ? '' : written.body]).toEqual([place, 201, '']);
      const { meta, ...rest } = (await cloud.admin(place)).body;
      const { meta: before = {}, ...expected } = example;
      expect(rest).toEqual(expected);
      expect(meta).toMatchObject({ ...before, versionId: '1', lastUpdated: expect.any(String) });
    }
    for (const example of examples) {
      const reference = example.subject?.reference ?? example.patient?.reference;
      if (reference === undefined || !/^Patient\/[^/]+$/.test(reference)) continue;
      if (PATIENT_COMPARTMENT[example.resourceType] === undefined) continue;
      const found = ids(await cloud.admin(`/${reference}/${example.resourceType}?_count=1000`));
      expect([example.resourceType, example.id, found.includes(example.id)]).toEqual([
        example.resourceType,
        example.id,
        true,
      ]);
    }
  });
});

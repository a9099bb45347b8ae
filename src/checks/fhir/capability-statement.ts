import { stringsOf } from '../../smart/json.ts';
import { defineCheck, fail, judge } from '../check.ts';
import { metadata } from '../evidence/metadata.ts';

export const capabilityStatement = defineCheck({
  meta: {
    id: 'fhir/capability-statement',
    title: 'metadata is a CapabilityStatement of FHIR 4.0.1, open to everybody',
    severity: 'error',
    specs: ['FHIR R4 http#capabilities'],
    requirements: ['FHIR-001', 'FHIR-002'],
    inferno: ['8.2.02'],
    needs: { metadata },
    fix: 'Serve an R4 CapabilityStatement (kind instance, fhirVersion 4.0.1, format json) at {base}/metadata without credentials.',
  },
  judge({ metadata: { status, resourceType, statement, at } }) {
    if (status !== 200) return fail(`metadata was answered ${status}`, { at: [at] });
    if (statement === null)
      return fail(`metadata is ${resourceType === null ? 'no JSON resource' : `a ${resourceType}`}`, {
        at: [at],
      });
    const wrong = [
      ...(statement.fhirVersion === '4.0.1' ? [] : [`fhirVersion ${statement.fhirVersion ?? 'missing'}`]),
      ...(statement.kind === 'instance' ? [] : [`kind ${statement.kind ?? 'missing'}`]),
      ...(statement.status === null ? ['status missing'] : []),
      ...(statement.date === null ? ['date missing'] : []),
      ...(stringsOf(statement.format).some((format) => /json/i.test(format)) ? [] : ['format without json']),
      ...(statement.restModes.includes('server') ? [] : ['no rest with mode server']),
    ];
    return judge(wrong.length === 0 ? undefined : wrong.join(', '), { at: [at] });
  },
});

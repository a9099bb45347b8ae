import { isObject } from '../../smart/json.ts';
import { defineCheck, fail, judge, notApplicable } from '../check.ts';
import { ehrSession } from '../evidence/ehr-launch.ts';

export const fhirContext = defineCheck({
  meta: {
    id: 'context/fhir-context',
    title: 'fhirContext is an array of objects that name something',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#fhircontext-experimental'],
    requirements: ['SMART-CTX-009', 'SMART-CTX-010'],
    inferno: [],
    needs: { session: ehrSession },
    fix: 'Give each item reference, canonical or identifier, and no empty role.',
  },
  judge({ session: { body, at } }) {
    const context = body['fhirContext'];
    if (context === undefined) return notApplicable('no fhirContext came');
    if (!Array.isArray(context)) return fail('fhirContext is no array', { at: [at] });
    const wrong = context.filter(
      (item) =>
        !isObject(item) ||
        item['role'] === '' ||
        !['reference', 'canonical', 'identifier'].some((name) => item[name] !== undefined),
    );
    return judge(
      wrong.length === 0 ? undefined : `${wrong.length} item(s) name nothing or have an empty role`,
      { at: [at] },
    );
  },
});

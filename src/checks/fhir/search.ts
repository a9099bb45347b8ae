import { isObject } from '../../smart/json.ts';
import { defineCheck, fail, judge } from '../check.ts';
import { patientSearch } from '../evidence/context-reads.ts';
import { say } from '../evidence/seen.ts';

export const search = defineCheck({
  meta: {
    id: 'fhir/search',
    title: 'A search returns a searchset with a self link',
    severity: 'error',
    specs: ['FHIR R4 search'],
    requirements: ['FHIR-008'],
    inferno: ['1.7.02'],
    needs: { found: patientSearch },
    fix: 'Answer searches with a Bundle of type searchset and link self.',
  },
  judge({
    found: {
      search: { answer },
      selfLink,
    },
  }) {
    if (answer.status !== 200) return fail(`the search was answered ${say(answer)}`, { at: [answer.at] });
    const type = isObject(answer.json) ? answer.json['type'] : undefined;
    if (type !== 'searchset') return fail(`the Bundle has type ${String(type)}`, { at: [answer.at] });
    return judge(selfLink === null ? 'the Bundle has no self link' : undefined, { at: [answer.at] });
  },
});

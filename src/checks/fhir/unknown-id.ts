import { defineCheck, fail, judge } from '../check.ts';
import { resourceType, say } from '../evidence/seen.ts';
import { wrongTokens } from '../evidence/wrong-tokens.ts';

export const unknownId = defineCheck({
  meta: {
    id: 'fhir/unknown-id',
    title: 'An unknown id gets 404 or a refusal with an OperationOutcome',
    severity: 'error',
    specs: ['FHIR R4 http#read'],
    requirements: ['FHIR-006', 'FHIR-014'],
    inferno: [],
    needs: { tokens: wrongTokens },
    fix: 'Answer 404 with an OperationOutcome.',
  },
  judge({ tokens: { unknownId } }) {
    if (![403, 404].includes(unknownId.status))
      return fail(`it was answered ${say(unknownId)}`, { at: [unknownId.at] });
    return judge(
      resourceType(unknownId) === 'OperationOutcome' ? undefined : 'the answer has no OperationOutcome',
      { at: [unknownId.at] },
    );
  },
});

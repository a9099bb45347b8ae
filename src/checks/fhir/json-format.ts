import { defineCheck, judge, skip } from '../check.ts';
import { patientRead } from '../evidence/context-reads.ts';
import { mediaType } from '../evidence/seen.ts';

export const jsonFormat = defineCheck({
  meta: {
    id: 'fhir/json-format',
    title: 'Resources are application/fhir+json',
    severity: 'error',
    specs: ['FHIR R4 http#mime-type'],
    requirements: ['FHIR-005'],
    inferno: [],
    needs: { read: patientRead },
    fix: 'Send Content-Type: application/fhir+json.',
  },
  judge({ read: { answer } }) {
    if (answer.status !== 200)
      return skip('the patient could not be read (context/patient-readable judges that)');
    return judge(
      mediaType(answer) === 'application/fhir+json'
        ? undefined
        : `Content-Type is ${mediaType(answer) || 'missing'}`,
      { at: [answer.at] },
    );
  },
});

import { defineCheck, fail, judge } from '../check.ts';
import { ehrPatientBoundary } from '../evidence/ehr-launch.ts';
import { say } from '../evidence/seen.ts';
import { strangerShown, strangersFound } from '../refusals.ts';

export const launchPatient = defineCheck({
  meta: {
    id: 'scopes/launch-patient',
    title: 'A clinician with patient/ scopes sees the launched patient only',
    severity: 'error',
    specs: ['SMART 2.2.0 scopes-and-launch-context#scopes-for-requesting-fhir-resources'],
    requirements: ['SMART-SCOPE-013', 'SMART-SCOPE-014'],
    inferno: ['9.19.12'],
    needs: { boundary: ehrPatientBoundary },
    fix: 'Bind patient/ scopes to the launched patient whoever the user is; what the clinician may see otherwise does not count.',
  },
  judge({ boundary }) {
    if (boundary.ownRead.status !== 200)
      return fail(`the launched patient could not be read: ${say(boundary.ownRead)}`, {
        at: [boundary.ownRead.at],
      });
    const searches = [
      boundary.byPatient,
      boundary.byPost,
      boundary.byId,
      boundary.unfiltered,
      boundary.withInclude,
      boundary.withRevinclude,
      boundary.compartment,
    ];
    const leaks = searches.filter((search) => strangersFound(search, boundary.own) !== undefined);
    const at = [
      ...leaks.map((search) => search.answer.at),
      ...(strangerShown(boundary.read) === undefined ? [] : [boundary.read.at]),
    ];
    return judge(
      at.length === 0
        ? undefined
        : `another patient was shown in ${at.length} of ${searches.length + 1} ways`,
      { at },
    );
  },
});

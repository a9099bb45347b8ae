import { defineCheck, judge, skip } from '../check.ts';
import { patientSearch } from '../evidence/context-reads.ts';
import { target } from '../evidence/target.ts';

export const publicLinks = defineCheck({
  meta: {
    id: 'fhir/public-links',
    title: 'Links and fullUrls of a search name the public base',
    severity: 'error',
    specs: ['FHIR R4 bundle#fullUrl'],
    requirements: ['FHIR-009', 'FHIR-010', 'FHIR-016'],
    inferno: [],
    needs: { found: patientSearch, target },
    fix: 'Rewrite links and fullUrl to the public FHIR base.',
  },
  judge({ found: { search, selfLink, fullUrls }, target }) {
    if (search.answer.status !== 200) return skip('the search failed (fhir/search judges that)');
    const base = target.fhirUrl.replace(/\/+$/, '');
    const urls = [
      ...(selfLink === null ? [] : [selfLink]),
      ...(search.next === null ? [] : [search.next]),
      ...fullUrls,
    ];
    const foreign = urls.filter(
      (url) => URL.canParse(url) && !url.startsWith('urn:') && !url.startsWith(base),
    );
    return judge(
      foreign.length === 0
        ? undefined
        : `${foreign.length} of ${urls.length} lead elsewhere, such as ${foreign[0]?.replace(/\?.*/, '') ?? ''}`,
      { at: [search.answer.at] },
    );
  },
});

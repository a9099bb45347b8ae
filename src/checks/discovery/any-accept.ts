import { defineCheck, fail, pass, skip } from '../check.ts';
import { mediaType } from '../evidence/seen.ts';
import { wellKnown } from '../evidence/well-known.ts';
import { wellKnownAccepts } from '../evidence/well-known-accepts.ts';

export const anyAccept = defineCheck({
  meta: {
    id: 'discovery/any-accept',
    title: 'The SMART configuration is application/json whatever is asked for',
    severity: 'error',
    specs: ['SMART 2.2.0 conformance#using-well-known'],
    requirements: ['SMART-WK-002'],
    inferno: ['1.8.01'],
    needs: { accepts: wellKnownAccepts, wellKnown },
    fix: 'Answer 200 with Content-Type: application/json for every Accept header.',
  },
  judge({ accepts, wellKnown }) {
    const plain = {
      accept: 'application/json',
      mediaType: mediaType(wellKnown.answer),
      at: wellKnown.answer.at,
    };
    if (wellKnown.answer.status !== 200)
      return skip('it is not served at all (discovery/served and discovery/anonymous judge that)');
    const all = [{ ...plain, status: 200, object: true }, ...accepts.answers];
    const wrong = all.find(
      (item) => item.status !== 200 || item.mediaType !== 'application/json' || !item.object,
    );
    if (wrong === undefined) return pass();
    const saw =
      wrong.status === 200 ? `Content-Type ${wrong.mediaType || 'missing'}` : `status ${wrong.status}`;
    return fail(`Accept: ${wrong.accept} got ${saw}`, { at: [wrong.at] });
  },
});

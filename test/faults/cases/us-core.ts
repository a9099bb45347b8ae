import { patch, rebuilt } from '../answers.ts';
import type { Asked } from '../asked.ts';
import { breaks, type Fault } from '../fault.ts';
import { isFile, isMetadata, isTokenOf } from '../requests.ts';

const isOwnFile = (asked: Asked): boolean => isFile(asked) && isTokenOf(asked, 'backend');

/** Every answer of a kind with some text in place of another. */
function says(on: Fault['on'], check: string, name: string, text: string, instead: string): Fault {
  return breaks(check, name, on, async (asked, next) => {
    const response = await next(asked.request);
    return rebuilt(response, (await response.text()).replaceAll(text, instead));
  });
}

export const usCoreFaults: readonly Fault[] = [
  breaks(
    'us-core/server-declared',
    'metadata instantiates nothing',
    isMetadata,
    patch((body) => {
      delete body['instantiates'];
    }),
  ),
  says(
    isMetadata,
    'us-core/profiles-declared',
    'metadata names no US Core profile of its types',
    '"supportedProfile"',
    '"otherProfile"',
  ),
  says(isOwnFile, 'us-core/clinical-notes', 'there is no laboratory report', '"11502-2"', '"11502-9"'),
  says(
    isOwnFile,
    'us-core/screening-categories',
    'there is no screening of the cognitive status',
    '"cognitive-status"',
    '"another-status"',
  ),
  says(
    isOwnFile,
    'us-core/missing-data',
    'missing data are told by codes alone',
    'StructureDefinition/data-absent-reason',
    'StructureDefinition/something-else',
  ),
];

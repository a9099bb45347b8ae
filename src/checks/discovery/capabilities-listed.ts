import { isStringArray } from '../../smart/json.ts';
import { defineCheck, fail, judge } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';

export const capabilitiesListed = defineCheck({
  meta: {
    id: 'discovery/capabilities-listed',
    title: 'capabilities is a non-empty array of strings',
    severity: 'error',
    specs: ['SMART 2.2.0 conformance#metadata'],
    requirements: ['SMART-WK-004'],
    inferno: ['1.8.02', '3.7.02'],
    needs: { config: configurationBody },
    fix: 'List what the server can do in "capabilities": ["launch-ehr", "client-public", …].',
  },
  judge({ config: { body } }) {
    const { capabilities } = body;
    if (capabilities === undefined) return fail('capabilities is missing');
    if (!isStringArray(capabilities)) return fail('capabilities is not an array of strings');
    const distinct = new Set(capabilities);
    if (capabilities.length === 0 || distinct.has(''))
      return fail('capabilities is empty or has empty members');
    return judge(distinct.size === capabilities.length ? undefined : 'capabilities has duplicates');
  },
});

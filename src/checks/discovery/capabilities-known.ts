import { stringsOf } from '../../smart/json.ts';
import { SMART_CAPABILITIES } from '../../standards/smart-capabilities.ts';
import { defineCheck, judge } from '../check.ts';
import { configurationBody } from '../evidence/configuration.ts';

export const capabilitiesKnown = defineCheck({
  meta: {
    id: 'discovery/capabilities-known',
    title: 'Capabilities are those of SMART, or URIs',
    severity: 'warn',
    specs: ['SMART 2.2.0 conformance#capabilities'],
    requirements: ['SMART-WK-025'],
    inferno: [],
    needs: { config: configurationBody },
    fix: 'Spell capabilities as the specification does; name your own by an absolute URI.',
  },
  judge({ config: { body } }) {
    const unknown = stringsOf(body['capabilities']).filter(
      (item) => !SMART_CAPABILITIES.has(item) && !URL.canParse(item),
    );
    return judge(unknown.length === 0 ? undefined : `unknown: ${unknown.join(', ')}`);
  },
});

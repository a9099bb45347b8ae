import { endpointsOf, type SmartEndpoints } from '../../smart/discovery.ts';
import { type JsonObject, parseObject } from '../../smart/json.ts';
import { defineEvidence, required, unavailable } from './evidence.ts';
import { wellKnown } from './well-known.ts';

export interface ConfigurationFacts {
  readonly at: string;
  readonly body: JsonObject;
}

/** The parsed SMART configuration. */
export const configurationBody = defineEvidence<ConfigurationFacts, JsonObject>({
  id: 'configurationBody',
  async gather(probe) {
    const answer = await probe.use(wellKnown);
    const body = parseObject(answer.text);
    if (answer.status !== 200 || body === undefined) {
      return unavailable('the SMART configuration could not be read (discovery/served tells why)');
    }
    return { facts: { at: answer.at, body }, live: body };
  },
});

/** The endpoints every other probe goes to. */
export const configuration = defineEvidence<JsonObject, { body: JsonObject; endpoints: SmartEndpoints }>({
  id: 'configuration',
  async gather(probe) {
    const body = await probe.use(configurationBody);
    const endpoints = required(
      endpointsOf(body, probe.profile.fhirUrl),
      'the SMART configuration has no usable token_endpoint',
    );
    return { facts: {}, live: { body, endpoints } };
  },
});

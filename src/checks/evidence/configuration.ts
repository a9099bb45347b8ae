import { endpointsOf, type SmartEndpoints } from '../../smart/discovery.ts';
import { type JsonObject, parseObject } from '../../smart/json.ts';
import { defineEvidence, required, unavailable } from './evidence.ts';
import { wellKnown } from './well-known.ts';

/** Reason of everything that needs an authorization request. */
export const NO_AUTHORIZE =
  'the server has no authorization endpoint (discovery/authorization-endpoint judges that)';

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
      return unavailable(`the SMART configuration could not be read (${judgeOf(answer.status)} tells why)`);
    }
    return { facts: { at: answer.at, body }, live: body };
  },
});

function judgeOf(status: number): string {
  const withheld = status === 401 || status === 403 || (status >= 300 && status < 400);
  return withheld ? 'discovery/anonymous' : 'discovery/served';
}

/** The endpoints every other probe goes to. */
export const configuration = defineEvidence<JsonObject, { body: JsonObject; endpoints: SmartEndpoints }>({
  id: 'configuration',
  async gather(probe) {
    const body = await probe.use(configurationBody);
    const endpoints = required(
      endpointsOf(body, probe.profile.fhirUrl),
      'the SMART configuration has no usable token_endpoint (discovery/token-endpoint judges that)',
    );
    return { facts: {}, live: { body, endpoints } };
  },
});

import { openidConfigurationUrl } from '../../smart/discovery.ts';
import { type JsonObject, parseObject } from '../../smart/json.ts';
import type { Answer } from '../../smart/recorder.ts';
import { configurationBody } from './configuration.ts';
import { defineEvidence, required, Unavailable, unavailable } from './evidence.ts';
import { type Seen, seen } from './seen.ts';

export interface OpenidServedFacts {
  readonly answer: Seen;
}

/** The OIDC discovery document of the issuer the SMART configuration names. */
export const openidServed = defineEvidence<OpenidServedFacts, Answer>({
  id: 'openidServed',
  async gather(probe) {
    const body = await probe.use(configurationBody);
    const offers = Array.isArray(body['capabilities']) && body['capabilities'].includes('sso-openid-connect');
    if (!offers && body['issuer'] === undefined)
      throw new Unavailable('na', 'the server does not offer sso-openid-connect');
    const issuer = body['issuer'];
    const usable = typeof issuer === 'string' && URL.canParse(issuer) ? issuer : undefined;
    const url = openidConfigurationUrl(
      required(usable, 'the SMART configuration names no issuer URL (discovery/issuer judges that)'),
    );
    const answer = await probe.wire.send({ url, headers: { accept: 'application/json' } });
    return { facts: { answer: seen(answer) }, live: answer };
  },
});

export interface OpenidFacts {
  readonly at: string;
  readonly body: JsonObject;
}

/** The parsed OIDC discovery document. */
export const openidConfiguration = defineEvidence<OpenidFacts, JsonObject>({
  id: 'openidConfiguration',
  async gather(probe) {
    const answer = await probe.use(openidServed);
    const body = parseObject(answer.text);
    if (answer.status !== 200 || body === undefined) {
      return unavailable('the OIDC discovery document could not be read (oidc/discovery tells why)');
    }
    return { facts: { at: answer.at, body }, live: body };
  },
});

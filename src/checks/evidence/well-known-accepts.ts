import { smartConfigurationUrl } from '../../smart/discovery.ts';
import { parseObject } from '../../smart/json.ts';
import { defineEvidence } from './evidence.ts';
import { mediaType, seen } from './seen.ts';
import { wellKnown } from './well-known.ts';

export interface AcceptFacts {
  readonly answers: readonly {
    readonly accept: string;
    readonly status: number;
    readonly mediaType: string;
    readonly object: boolean;
    readonly at: string;
  }[];
}

const ACCEPTS = ['text/html', 'application/fhir+xml', '*/*'];

/** The document asked for with other Accept headers (requirement SMART-WK-002). */
export const wellKnownAccepts = defineEvidence<AcceptFacts>({
  id: 'wellKnownAccepts',
  async gather(probe) {
    await probe.use(wellKnown);
    const url = smartConfigurationUrl(probe.profile.fhirUrl);
    const answers = await Promise.all(
      ACCEPTS.map(async (accept) => {
        const answer = await probe.wire.send({ url, headers: { accept } });
        const facts = seen(answer);
        const object = parseObject(answer.text) !== undefined;
        return { accept, status: answer.status, mediaType: mediaType(facts), object, at: answer.at };
      }),
    );
    return { facts: { answers }, live: undefined };
  },
});

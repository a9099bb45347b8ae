import { smartConfigurationUrl } from '../../smart/discovery.ts';
import type { Answer } from '../../smart/recorder.ts';
import { defineEvidence } from './evidence.ts';
import { type Seen, seen } from './seen.ts';

export interface WellKnownFacts {
  readonly answer: Seen;
}

/** The SMART configuration document as it is served to nobody in particular. */
export const wellKnown = defineEvidence<WellKnownFacts, Answer>({
  id: 'wellKnown',
  async gather({ profile, wire }) {
    const url = smartConfigurationUrl(profile.fhirUrl);
    const answer = await wire.send({ url, headers: { accept: 'application/json' } });
    return { facts: { answer: seen(answer) }, live: answer };
  },
});

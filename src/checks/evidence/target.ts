import { isLoopbackHttp } from '../../smart/server-profile.ts';
import { defineEvidence } from './evidence.ts';

export interface TargetFacts {
  readonly fhirUrl: string;
  /** Plain HTTP on this machine: the https rules do not apply. */
  readonly loopbackHttp: boolean;
}

/** What the URL alone tells. */
export const target = defineEvidence<TargetFacts>({
  id: 'target',
  gather: async ({ profile }) => ({
    facts: { fhirUrl: profile.fhirUrl, loopbackHttp: isLoopbackHttp(profile.fhirUrl) },
    live: undefined,
  }),
});

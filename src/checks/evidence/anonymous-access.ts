import { baseUrl } from '../../smart/server-profile.ts';
import { defineEvidence } from './evidence.ts';
import { type Seen, seen } from './seen.ts';

export interface AnonymousAccessFacts {
  readonly noToken: Seen;
  readonly garbageToken: Seen;
  readonly search: Seen;
}

const GARBAGE = 'not-a-token-of-this-server';

/** FHIR requests of somebody without a token, and with one that is none. */
export const anonymousAccess = defineEvidence<AnonymousAccessFacts>({
  id: 'anonymousAccess',
  async gather({ profile, wire }) {
    const read = `${baseUrl(profile)}/Patient/${profile.patients[0] ?? 'smartfhir-probe'}`;
    const headers = { accept: 'application/fhir+json' };
    const noToken = await wire.send({ url: read, headers });
    const garbageToken = await wire.send({
      url: read,
      headers: { ...headers, authorization: `Bearer ${GARBAGE}` },
    });
    const search = await wire.send({ url: `${baseUrl(profile)}/Patient?_count=1`, headers });
    return {
      facts: { noToken: seen(noToken), garbageToken: seen(garbageToken), search: seen(search) },
      live: undefined,
    };
  },
});

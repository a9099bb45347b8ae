import { baseUrl } from '../../smart/server-profile.ts';
import { patientOf } from './authorized-app.ts';
import { defineEvidence } from './evidence.ts';
import { fhirGet } from './fhir-read.ts';
import { type Seen, seen } from './seen.ts';
import { session } from './standalone.ts';

export interface WrongTokenFacts {
  /** The ID token as a bearer token; null when the session has none. */
  readonly idToken: Seen | null;
  /** The access token with one character of its last part changed. */
  readonly tampered: Seen;
  /** A good token in the query instead of the header. */
  readonly inQuery: Seen;
  readonly unknownId: Seen;
}

/** Tokens the FHIR server must not take, and a token where it does not belong. */
export const wrongTokens = defineEvidence<WrongTokenFacts>({
  id: 'wrongTokens',
  async gather(probe) {
    const { tokens } = await probe.use(session);
    const patient = patientOf(tokens);
    const path = `Patient/${patient}`;
    const query = `${baseUrl(probe.profile)}/${path}?access_token=${encodeURIComponent(tokens.accessToken)}`;
    const tampered = tamper(tokens.accessToken);
    probe.wire.redactor.addSecret(tampered, 'access_token');
    const facts: WrongTokenFacts = {
      idToken: tokens.idToken === undefined ? null : await fhirGet(probe, tokens.idToken, path),
      tampered: await fhirGet(probe, tampered, path),
      inQuery: seen(await probe.wire.send({ url: query, headers: { accept: 'application/fhir+json' } })),
      unknownId: await fhirGet(probe, tokens.accessToken, 'Patient/smartfhir-no-such-patient'),
    };
    return { facts, live: undefined };
  },
});

/** Changes a character in the middle of the last part: the last one may hold padding bits only. */
function tamper(token: string): string {
  const at = Math.floor((token.lastIndexOf('.') + token.length) / 2);
  return `${token.slice(0, at)}${token[at] === 'A' ? 'B' : 'A'}${token.slice(at + 1)}`;
}

import { place } from '../../smart/discovery.ts';
import { stringOf } from '../../smart/json.ts';
import { decodeJwt, signatureProblem } from '../../smart/jwt.ts';
import { refreshingApp } from './cast.ts';
import { configurationBody } from './configuration.ts';
import { defineEvidence, required, unavailable } from './evidence.ts';
import { absoluteReference, belowBase, fhirGet } from './fhir-read.ts';
import { keys } from './keys.ts';
import type { Seen } from './seen.ts';
import { session } from './standalone.ts';

export interface IdTokenFacts {
  readonly at: string;
  readonly header: {
    readonly alg: string | null;
    readonly kid: string | null;
    readonly members: readonly string[];
  };
  readonly iss: unknown;
  readonly subType: string;
  readonly subLength: number;
  readonly aud: unknown;
  readonly exp: unknown;
  readonly iat: unknown;
  readonly fhirUser: unknown;
  readonly nonceMatches: boolean | null;
  /** Seconds since the epoch when the token arrived. */
  readonly receivedAt: number;
  readonly clientId: string;
  readonly configuredIssuer: unknown;
}

/** The ID token of the session, decoded. */
export const idToken = defineEvidence<
  IdTokenFacts,
  { readonly token: string; readonly fhirUser: string | undefined }
>({
  id: 'idToken',
  async gather(probe) {
    const { tokens, authorized } = await probe.use(session);
    if (refreshingApp(probe.profile) !== undefined) {
      return unavailable('the session began with a kept refresh token; its ID token answers no request');
    }
    const token = required(tokens.idToken, 'no id_token came (token/id-token-issued tells why)');
    const decoded = required(decodeJwt(token), 'the id_token is no compact JWS');
    const { header, payload } = decoded;
    const body = await probe.use(configurationBody);
    const facts: IdTokenFacts = {
      at: tokens.answer.at,
      header: {
        alg: stringOf(header['alg']) ?? null,
        kid: stringOf(header['kid']) ?? null,
        members: Object.keys(header),
      },
      iss: payload['iss'] ?? null,
      subType: typeof payload['sub'],
      subLength: String(payload['sub'] ?? '').length,
      aud: payload['aud'] ?? null,
      exp: payload['exp'] ?? null,
      iat: payload['iat'] ?? null,
      fhirUser: payload['fhirUser'] ?? null,
      nonceMatches: payload['nonce'] === undefined ? null : payload['nonce'] === authorized.request.nonce,
      receivedAt: Math.floor(probe.clock.now() / 1000),
      clientId: authorized.client.clientId,
      configuredIssuer: body['issuer'] ?? null,
    };
    return { facts, live: { token, fhirUser: stringOf(payload['fhirUser']) } };
  },
});

export interface SignatureFacts {
  /** Why the signature cannot be believed; null when it can. */
  readonly problem: string | null;
}

/** Its signature against the published keys. RS256 is what SMART asks for. */
export const idTokenSignature = defineEvidence<SignatureFacts>({
  id: 'idTokenSignature',
  async gather(probe) {
    const { token } = await probe.use(idToken);
    const set = await probe.use(keys);
    if (set === undefined)
      return unavailable('the published keys could not be read (oidc/keys-published tells why)');
    return { facts: { problem: (await signatureProblem(token, set, ['RS256'])) ?? null }, live: undefined };
  },
});

export interface FhirUserFacts {
  readonly answer: Seen;
  readonly wantedType: string;
}

/** What the fhirUser claim leads to, read with the session's access token. */
export const fhirUserRead = defineEvidence<FhirUserFacts>({
  id: 'fhirUserRead',
  async gather(probe) {
    const { fhirUser } = await probe.use(idToken);
    const { tokens } = await probe.use(session);
    const reference = required(fhirUser, 'the id_token has no fhirUser (oidc/fhir-user tells why)');
    const url = absoluteReference(probe.profile, reference);
    if (!belowBase(probe.profile, url))
      return unavailable(`fhirUser names another server, which must not get the access token: ${place(url)}`);
    const answer = await fhirGet(probe, tokens.accessToken, url);
    return { facts: { answer, wantedType: reference.split('/').at(-2) ?? '' }, live: undefined };
  },
});

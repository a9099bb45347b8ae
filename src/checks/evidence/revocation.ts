import { randomToken } from '../../core/ids.ts';
import { postToken } from '../../smart/app/token.ts';
import { authenticateClient, type ClientAuth } from '../../smart/client-auth.ts';
import { formRequest } from '../../smart/recorder.ts';
import { everything, patientOf, startSession } from './authorized-app.ts';
import { patientUser, standaloneApp } from './cast.ts';
import { configuration } from './configuration.ts';
import { defineEvidence, type Probe, required, Unavailable } from './evidence.ts';
import { fhirGet } from './fhir-read.ts';
import { introspect, introspectionAccess } from './introspection.ts';
import { type Seen, seen } from './seen.ts';
import { type Session, session } from './standalone.ts';

async function revocationEndpoint(probe: Probe): Promise<string> {
  const { endpoints } = await probe.use(configuration);
  if (endpoints.revoke === undefined) throw new Unavailable('na', 'the server has no revocation_endpoint');
  return endpoints.revoke;
}

async function revoke(probe: Probe, endpoint: string, auth: ClientAuth, token: string): Promise<Seen> {
  return seen(await probe.wire.send(formRequest(endpoint, { token, ...auth.form }, auth.headers)));
}

export interface RevocationFacts {
  readonly readBefore: Seen;
  /** Another client's attempt; null without a second client. */
  readonly byOtherClient: Seen | null;
  readonly readAfterOther: Seen | null;
  readonly unknown: Seen;
  readonly answer: Seen;
  readonly readAfter: Seen;
}

/** A session of its own, whose access token is revoked. */
export const revocation = defineEvidence<
  RevocationFacts,
  { readonly session: Session; readonly endpoint: string }
>({
  id: 'revocation',
  async gather(probe) {
    const endpoint = await revocationEndpoint(probe);
    await probe.use(session);
    const client = standaloneApp(probe.profile);
    const started = await startSession(probe, {
      client,
      user: patientUser(probe.profile),
      scope: await everything(probe, client),
    });
    const { accessToken } = started.tokens;
    const path = `Patient/${patientOf(started.tokens)}`;
    const auth = await authenticateClient(client, endpoint, probe.clock.now());
    const readBefore = await fhirGet(probe, accessToken, path);
    const other = otherApp(probe, client.clientId);
    const byOtherClient = other === undefined ? null : await revoke(probe, endpoint, other, accessToken);
    const facts: RevocationFacts = {
      readBefore,
      byOtherClient,
      readAfterOther: other === undefined ? null : await fhirGet(probe, accessToken, path),
      unknown: await revoke(probe, endpoint, auth, `unknown-${randomToken()}`),
      answer: await revoke(probe, endpoint, auth, accessToken),
      readAfter: await fhirGet(probe, accessToken, path),
    };
    return { facts, live: { session: started, endpoint } };
  },
});

function otherApp(probe: Probe, clientId: string): ClientAuth | undefined {
  const other = Object.values(probe.profile.clients).find(
    (item) => item.kind === 'public' && item.clientId !== clientId,
  );
  return other === undefined ? undefined : { headers: {}, form: { client_id: other.clientId } };
}

export interface RevokedIntrospectionFacts {
  readonly answer: Seen;
}

/** What introspection says of the revoked token. */
export const revokedIntrospection = defineEvidence<RevokedIntrospectionFacts>({
  id: 'revokedIntrospection',
  async gather(probe) {
    const revoked = await probe.use(revocation);
    const { endpoint, auth } = await introspectionAccess(probe);
    const answer = await introspect(probe, endpoint, auth, { token: revoked.session.tokens.accessToken });
    return { facts: { answer }, live: undefined };
  },
});

export interface RevokedRefreshFacts {
  readonly answer: Seen;
  readonly refreshAfter: Seen;
}

/** The refresh token of that session revoked, then used. */
export const revokedRefresh = defineEvidence<RevokedRefreshFacts>({
  id: 'revokedRefresh',
  async gather(probe) {
    const { session: started, endpoint } = await probe.use(revocation);
    const { endpoints } = await probe.use(configuration);
    const { client } = started.authorized;
    const refreshToken = required(
      started.tokens.refreshToken,
      'the session has no refresh token (token/refresh-token-issued judges that)',
    );
    const auth = await authenticateClient(client, endpoint, probe.clock.now());
    const answer = await revoke(probe, endpoint, auth, refreshToken);
    const context = { wire: probe.wire, tokenUrl: endpoints.token, client, now: () => probe.clock.now() };
    const after = await postToken(context, { grant_type: 'refresh_token', refresh_token: refreshToken });
    return { facts: { answer, refreshAfter: seen(after) }, live: undefined };
  },
});

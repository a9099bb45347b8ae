import { randomToken } from '../../core/ids.ts';
import { launchContextOf } from '../../smart/app/token.ts';
import { authenticateClient, type ClientAuth } from '../../smart/client-auth.ts';
import { decodeJwt } from '../../smart/jwt.ts';
import { formRequest } from '../../smart/recorder.ts';
import { introspector } from './cast.ts';
import { configuration } from './configuration.ts';
import { defineEvidence, type Probe, required, Unavailable } from './evidence.ts';
import { type Seen, seen } from './seen.ts';
import { session } from './standalone.ts';

/** How the resource server proves who it is, and where. */
export async function introspectionAccess(probe: Probe): Promise<{ endpoint: string; auth: ClientAuth }> {
  const { endpoints } = await probe.use(configuration);
  if (endpoints.introspect === undefined)
    throw new Unavailable('na', 'the server has no introspection_endpoint');
  const auth = await authenticateClient(introspector(probe.profile), endpoints.introspect, probe.clock.now());
  return { endpoint: endpoints.introspect, auth };
}

/** One introspection; the token in the answer's facts is a pseudonym. */
export async function introspect(
  probe: Probe,
  endpoint: string,
  auth: ClientAuth,
  form: Readonly<Record<string, string>>,
): Promise<Seen> {
  return seen(await probe.wire.send(formRequest(endpoint, { ...form, ...auth.form }, auth.headers)));
}

export interface IntrospectionFacts {
  readonly active: Seen;
  readonly unknown: Seen;
  readonly noToken: Seen;
  readonly expected: {
    readonly scope: string;
    readonly clientId: string;
    /** Seconds since the epoch. */
    readonly exp: number | null;
    /** Context members of the token response. */
    readonly context: Readonly<Record<string, unknown>>;
    readonly iss: unknown;
    readonly sub: unknown;
    readonly fhirUser: unknown;
  };
}

/** What the introspection endpoint says of the live session, of an unknown token, and of none. */
export const introspection = defineEvidence<IntrospectionFacts>({
  id: 'introspection',
  async gather(probe) {
    const { tokens, authorized } = await probe.use(session);
    const { endpoint, auth } = await introspectionAccess(probe);
    const asked = Math.floor(probe.clock.now() / 1000);
    const [active, unknown, noToken] = await Promise.all([
      introspect(probe, endpoint, auth, { token: tokens.accessToken }),
      introspect(probe, endpoint, auth, { token: `unknown-${randomToken()}` }),
      introspect(probe, endpoint, auth, {}),
    ]);
    const claims = tokens.idToken === undefined ? undefined : decodeJwt(tokens.idToken)?.payload;
    const facts: IntrospectionFacts = {
      active,
      unknown,
      noToken,
      expected: {
        scope: tokens.scope,
        clientId: authorized.client.clientId,
        exp: tokens.expiresIn === undefined ? null : asked + tokens.expiresIn,
        context: launchContextOf(tokens.body),
        iss: claims?.['iss'] ?? null,
        sub: claims?.['sub'] ?? null,
        fhirUser: claims?.['fhirUser'] ?? null,
      },
    };
    return { facts, live: undefined };
  },
});

export interface IntrospectionGuardFacts {
  readonly anonymous: Seen;
}

/** The introspection endpoint asked by nobody in particular. */
export const introspectionGuard = defineEvidence<IntrospectionGuardFacts>({
  id: 'introspectionGuard',
  async gather(probe) {
    const { endpoints } = await probe.use(configuration);
    if (endpoints.introspect === undefined)
      throw new Unavailable('na', 'the server has no introspection_endpoint');
    const endpoint = required(endpoints.introspect, 'the server has no introspection_endpoint');
    const answer = await introspect(
      probe,
      endpoint,
      { headers: {}, form: {} },
      { token: `unknown-${randomToken()}` },
    );
    return { facts: { anonymous: answer }, live: undefined };
  },
});

import { randomToken } from '../../core/ids.ts';
import { postToken, postTokenWith } from '../../smart/app/token.ts';
import { isObject, type JsonObject, parseObject, stringOf } from '../../smart/json.ts';
import type { Answer } from '../../smart/recorder.ts';
import { everything, startSession, unspelled } from './authorized-app.ts';
import { patientUser, publicApp } from './cast.ts';
import { configuration } from './configuration.ts';
import { defineEvidence, type Probe, required, unavailable } from './evidence.ts';
import { fhirGet } from './fhir-read.ts';
import { type Seen, seen } from './seen.ts';
import { type Session, session } from './standalone.ts';

export interface RefreshFacts {
  /** Without a scope parameter. */
  readonly plain: Seen;
  readonly originalScope: string;
  readonly originalPatient: string | null;
  /** The refreshed access token at the FHIR server; null when none came. */
  readonly read: Seen | null;
}

interface Refreshed {
  readonly session: Session;
  /** The newest refresh token. */
  readonly refreshToken: string;
}

function newest(answer: Answer, before: string): string {
  return stringOf(parseObject(answer.text)?.['refresh_token']) ?? before;
}

async function send(probe: Probe, { authorized }: Session, form: Record<string, string>): Promise<Answer> {
  const { endpoints } = await probe.use(configuration);
  const context = {
    wire: probe.wire,
    tokenUrl: endpoints.token,
    client: authorized.client,
    now: () => probe.clock.now(),
  };
  return await postToken(context, { grant_type: 'refresh_token', ...form });
}

/** The session refreshed as it is. */
export const refreshed = defineEvidence<RefreshFacts, Refreshed>({
  id: 'refreshed',
  async gather(probe) {
    const started = await probe.use(session);
    const { tokens } = started;
    const before = required(
      tokens.refreshToken,
      'no refresh token came (token/refresh-token-issued tells why)',
    );
    const answer = await send(probe, started, { refresh_token: before });
    const accessToken = stringOf(parseObject(answer.text)?.['access_token']);
    const readable = accessToken !== undefined && /^[A-Za-z0-9.-]{1,64}$/.test(tokens.patient ?? '');
    if (accessToken !== undefined) probe.wire.redactor.addSecret(accessToken, 'access_token');
    const facts: RefreshFacts = {
      plain: seen(answer),
      originalScope: tokens.scope,
      originalPatient: tokens.patient ?? null,
      read: readable ? await fhirGet(probe, accessToken, `Patient/${tokens.patient}`) : null,
    };
    return { facts, live: { session: started, refreshToken: newest(answer, before) } };
  },
});

export interface RefreshScopeFacts {
  readonly originalScope: string;
  readonly narrowAsked: string;
  readonly narrow: Seen;
  readonly narrowScope: string | null;
  readonly wideAsked: string;
  readonly wide: Seen;
  readonly wideScope: string | null;
}

/** A scope nobody granted: asked for on refresh it must not come. */
const WIDER = 'system/Patient.rs';

/** The session refreshed with less scope and then with more. */
export const refreshScopes = defineEvidence<RefreshScopeFacts, Refreshed>({
  id: 'refreshScopes',
  async gather(probe) {
    const before = await probe.use(refreshed);
    const originalScope = before.session.tokens.scope;
    if (originalScope === '') unavailable('no scope came with the token (token/scope-present judges that)');
    const words = originalScope.split(' ').filter((word) => word !== '');
    const dropped = required(
      words.findLast((word) => /^(patient|user)\/(?!Patient\.|\*)/.test(word)),
      `the session has no scope of a single type that could be left out${await unspelled(probe)}`,
    );
    const narrowAsked = words.filter((word) => word !== dropped).join(' ');
    const narrow = await send(probe, before.session, {
      refresh_token: before.refreshToken,
      scope: narrowAsked,
    });
    const afterNarrow = newest(narrow, before.refreshToken);
    const wideAsked = `${originalScope} ${WIDER}`;
    const wide = await send(probe, before.session, { refresh_token: afterNarrow, scope: wideAsked });
    const facts: RefreshScopeFacts = {
      originalScope,
      narrowAsked,
      narrow: seen(narrow),
      narrowScope: scopeOf(narrow),
      wideAsked,
      wide: seen(wide),
      wideScope: scopeOf(wide),
    };
    return { facts, live: { session: before.session, refreshToken: newest(wide, afterNarrow) } };
  },
});

function scopeOf(answer: Answer): string | null {
  const body: JsonObject | undefined = parseObject(answer.text);
  return answer.status === 200 ? (stringOf(body?.['scope']) ?? null) : null;
}

export interface RefreshMisuseFacts {
  readonly unknownToken: Seen;
  /** The confidential app's token presented by the public app; null without a public app. */
  readonly otherClient: Seen | null;
  readonly withoutAuthentication: Seen | null;
}

/** Refresh requests that must be refused. */
export const refreshMisuse = defineEvidence<RefreshMisuseFacts>({
  id: 'refreshMisuse',
  async gather(probe) {
    const before = await probe.use(refreshScopes);
    const { endpoints } = await probe.use(configuration);
    const { client } = before.session.authorized;
    const form = { grant_type: 'refresh_token', refresh_token: before.refreshToken };
    const context = { wire: probe.wire, tokenUrl: endpoints.token };
    const unknownToken = seen(
      await send(probe, before.session, { refresh_token: `unknown-${randomToken()}` }),
    );
    const thief = Object.values(probe.profile.clients).find((other) => other.kind === 'public');
    const as = async (clientId: string): Promise<Seen> =>
      seen(await postTokenWith(context, form, { headers: {}, form: { client_id: clientId } }));
    const otherClient =
      thief === undefined || thief.clientId === client.clientId ? null : await as(thief.clientId);
    const withoutAuthentication = client.kind === 'public' ? null : await as(client.clientId);
    return { facts: { unknownToken, otherClient, withoutAuthentication }, live: undefined };
  },
});

export interface RotationFacts {
  readonly first: Seen;
  readonly rotated: boolean;
  /** The first refresh token used again; null when it was not rotated. */
  readonly replay: Seen | null;
  /** The newest refresh token after that replay; null when it was not rotated. */
  readonly afterReplay: Seen | null;
}

/** A public app's refresh token used twice. */
export const publicRotation = defineEvidence<RotationFacts>({
  id: 'publicRotation',
  async gather(probe) {
    const client = publicApp(probe.profile);
    const user = patientUser(probe.profile);
    const started = await startSession(probe, { client, user, scope: await everything(probe, client) });
    const before = required(started.tokens.refreshToken, 'the public app got no refresh token');
    const first = await send(probe, started, { refresh_token: before });
    const body = parseObject(first.text);
    const next = isObject(body) ? stringOf(body['refresh_token']) : undefined;
    const rotated = next !== undefined && next !== before;
    const replay = rotated ? seen(await send(probe, started, { refresh_token: before })) : null;
    const afterReplay = rotated ? seen(await send(probe, started, { refresh_token: next })) : null;
    return { facts: { first: seen(first), rotated, replay, afterReplay }, live: undefined };
  },
});

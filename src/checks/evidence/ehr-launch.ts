import { SmartfhirError } from '../../core/errors.ts';
import { randomToken } from '../../core/ids.ts';
import { createLaunch, ehrToken, postLaunch } from '../../smart/ehr/create-launch.ts';
import type { Answer } from '../../smart/recorder.ts';
import type { ServerProfile } from '../../smart/server-profile.ts';
import type { AuthorizeOutcome } from './authorize.ts';
import {
  type AppAuthorized,
  authorizeApp,
  codeOf,
  everything,
  patientOf,
  postCode,
  redeem,
  tokensOf,
} from './authorized-app.ts';
import { backendSession } from './backend.ts';
import { type AppClient, contextPatient, ehrApp, ehrPatientApp, practitionerUser } from './cast.ts';
import { defineEvidence, type Probe, required, Unavailable, unavailable } from './evidence.ts';
import { type BoundaryFacts, boundaryFacts } from './patient-boundary.ts';
import { type Seen, seen } from './seen.ts';
import { type Session, type SessionFacts, sessionFacts, type TokenAnswerFacts } from './standalone.ts';

function ehrOf(profile: ServerProfile) {
  return required(
    profile.ehr,
    'needs the EHR: its token URL, client id and secret, and the URL where launches are created',
  );
}

/** Failures that say nothing about who may create launches. */
const PASSING: ReadonlySet<string> = new Set(['TIMEOUT', 'UNREACHABLE']);

/** A launch handle for an app, from our EHR role or given by the user. */
async function launchFor(probe: Probe, client: AppClient): Promise<string> {
  const { profile } = probe;
  if (profile.ehr === undefined && profile.launch !== undefined) return profile.launch;
  const context = {
    clientId: client.clientId,
    patient: contextPatient(profile),
    needPatientBanner: true,
    ...(profile.encounter === undefined ? {} : { encounter: profile.encounter }),
  };
  try {
    return await createLaunch(probe.wire, ehrOf(profile), context);
  } catch (error) {
    if (!(error instanceof SmartfhirError) || PASSING.has(error.code)) throw error;
    return unavailable(`no launch was created (launch/launch-creation tells why): ${error.message}`);
  }
}

export interface EhrAuthorizationFacts {
  readonly outcome: AuthorizeOutcome;
}

interface EhrAuthorized {
  readonly authorized: AppAuthorized;
  readonly handle: string;
}

/** An EHR launch of the clinician's app: the authorization half. */
export const ehrAuthorization = defineEvidence<EhrAuthorizationFacts, EhrAuthorized>({
  id: 'ehrAuthorization',
  async gather(probe) {
    const client = ehrApp(probe.profile);
    const user = practitionerUser(probe.profile);
    const handle = await launchFor(probe, client);
    const authorized = await authorizeApp(probe, {
      client,
      user,
      scope: await everything(probe, client),
      launch: handle,
    });
    return { facts: { outcome: authorized.outcome }, live: { authorized, handle } };
  },
});

/** The code of that launch at the token endpoint. */
export const ehrExchange = defineEvidence<TokenAnswerFacts, { answer: Answer; authorized: AppAuthorized }>({
  id: 'ehrExchange',
  async gather(probe) {
    const { authorized } = await probe.use(ehrAuthorization);
    codeOf(authorized, 'launch/ehr-code-issued');
    const answer = await postCode(probe, authorized);
    return { facts: { answer: seen(answer) }, live: { answer, authorized } };
  },
});

export interface EhrSessionFacts extends SessionFacts {
  readonly launchedPatient: string;
  readonly launchedEncounter: string | null;
}

/** The session that EHR launch began. */
export const ehrSession = defineEvidence<EhrSessionFacts, Session>({
  id: 'ehrSession',
  async gather(probe) {
    const { answer, authorized } = await probe.use(ehrExchange);
    const tokens = tokensOf(probe, answer, 'launch/ehr-exchange');
    const facts: EhrSessionFacts = {
      ...sessionFacts(tokens, authorized),
      launchedPatient: contextPatient(probe.profile),
      launchedEncounter: probe.profile.encounter ?? null,
    };
    return { facts, live: { tokens, authorized } };
  },
});

export interface LaunchMisuseFacts {
  readonly replayed: AuthorizeOutcome;
  readonly forged: AuthorizeOutcome;
  /** A launch made for the clinician's app used by another app; null without a second EHR app. */
  readonly otherClient: AuthorizeOutcome | null;
}

/** Launch handles that must not work: used before, invented, made for another app. */
export const launchMisuse = defineEvidence<LaunchMisuseFacts>({
  id: 'launchMisuse',
  async gather(probe) {
    const { handle } = await probe.use(ehrAuthorization);
    await probe.use(ehrSession);
    const client = ehrApp(probe.profile);
    const user = practitionerUser(probe.profile);
    const attempt = async (app: AppClient, launch: string): Promise<AuthorizeOutcome> =>
      (await authorizeApp(probe, { client: app, user, scope: await everything(probe, app), launch })).outcome;
    const others = Object.entries(probe.profile.clients).filter(
      ([, other]) =>
        other.launch === 'ehr' && other.clientId !== client.clientId && other.redirectUri !== undefined,
    );
    const other =
      others[0] === undefined ? undefined : ({ ...others[0][1], name: others[0][0] } as AppClient);
    const facts: LaunchMisuseFacts = {
      replayed: await attempt(client, handle),
      forged: await attempt(client, forged(handle)),
      otherClient: other === undefined ? null : await attempt(other, await launchFor(probe, client)),
    };
    return { facts, live: undefined };
  },
});

/** As long as a real one. */
function forged(handle: string): string {
  return randomToken(Math.max(8, handle.length)).slice(0, handle.length);
}

export interface EhrPatientFacts extends BoundaryFacts {
  readonly at: string;
}

/** A clinician who launched with `patient/` scopes for one patient, asking for another. */
export const ehrPatientBoundary = defineEvidence<EhrPatientFacts>({
  id: 'ehrPatientBoundary',
  async gather(probe) {
    const client = ehrPatientApp(probe.profile);
    const user = practitionerUser(probe.profile);
    const launch = await launchFor(probe, client);
    const authorized = await authorizeApp(probe, {
      client,
      user,
      scope: await everything(probe, client),
      launch,
    });
    codeOf(authorized);
    const tokens = await redeem(probe, authorized).catch(async (error: unknown) => {
      // What the clinician's app meets too is judged once, by launch/ehr-exchange.
      await probe.use(ehrSession);
      throw error;
    });
    const own = patientOf(tokens);
    const facts = await boundaryFacts(probe, tokens.accessToken, own);
    return { facts: { ...facts, at: tokens.answer.at }, live: undefined };
  },
});

export interface LaunchCreationFacts {
  readonly withoutToken: Seen;
  /** With a token of a backend client, which is no EHR; null without one. */
  readonly withOtherToken: Seen | null;
  readonly ehr: Seen;
}

/** Who may create launches. */
export const launchCreation = defineEvidence<LaunchCreationFacts>({
  id: 'launchCreation',
  async gather(probe) {
    const ehr = ehrOf(probe.profile);
    const client = ehrApp(probe.profile);
    const context = { clientId: client.clientId, patient: contextPatient(probe.profile) };
    const other = await otherToken(probe);
    const facts: LaunchCreationFacts = {
      withoutToken: seen(await postLaunch(probe.wire, ehr, undefined, context)),
      withOtherToken: other === undefined ? null : seen(await postLaunch(probe.wire, ehr, other, context)),
      ehr: seen(await postLaunch(probe.wire, ehr, await ehrToken(probe.wire, ehr), context)),
    };
    return { facts, live: undefined };
  },
});

async function otherToken(probe: Probe): Promise<string | undefined> {
  try {
    return (await probe.use(backendSession)).accessToken;
  } catch (error) {
    if (error instanceof Unavailable) return undefined;
    throw error;
  }
}

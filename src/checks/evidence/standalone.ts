import { createAuthorizeRequest } from '../../smart/app/authorize-request.ts';
import { refreshTokens, type TokenSet } from '../../smart/app/token.ts';
import type { JsonObject } from '../../smart/json.ts';
import type { Answer } from '../../smart/recorder.ts';
import { baseUrl } from '../../smart/server-profile.ts';
import type { AuthorizeOutcome } from './authorize.ts';
import {
  type AppAuthorized,
  authorizeApp,
  codeOf,
  everything,
  postCode,
  tokensOf,
} from './authorized-app.ts';
import { type AppClient, patientUser, refreshingApp, standaloneApp } from './cast.ts';
import { configuration } from './configuration.ts';
import { defineEvidence, type Gathered, type Probe } from './evidence.ts';
import { type PageFacts, pagesOf, redirectsAfterPost } from './pages.ts';
import { type Seen, seen } from './seen.ts';

export interface StandaloneAuthorizationFacts {
  readonly outcome: AuthorizeOutcome;
  readonly stateSent: string;
  readonly asked: string;
  readonly pages: readonly PageFacts[];
  /** Statuses of redirects that answered a POST, with their exchange. */
  readonly redirectsAfterPost: readonly { readonly status: number; readonly at: string }[];
}

/** A standalone launch of the app with everything it is registered for: the authorization half. */
export const standaloneAuthorization = defineEvidence<StandaloneAuthorizationFacts, AppAuthorized>({
  id: 'standaloneAuthorization',
  async gather(probe) {
    const client = standaloneApp(probe.profile);
    const user = patientUser(probe.profile);
    const scope = await everything(probe, client);
    const authorized = await authorizeApp(probe, { client, user, scope });
    const facts: StandaloneAuthorizationFacts = {
      outcome: authorized.outcome,
      stateSent: authorized.request.state,
      asked: scope,
      pages: pagesOf(authorized.steps),
      redirectsAfterPost: redirectsAfterPost(authorized.steps),
    };
    return { facts, live: authorized };
  },
});

/**
 * Probes that expect a refusal mean nothing where even the correct launch leads to no code: they become
 * unavailable then.
 */
export async function requireWorkingLaunch(probe: Probe): Promise<void> {
  codeOf(await probe.use(standaloneAuthorization), 'launch/code-issued');
}

export interface TokenAnswerFacts {
  readonly answer: Seen;
}

/** The code of that launch at the token endpoint. */
export const standaloneExchange = defineEvidence<
  TokenAnswerFacts,
  { answer: Answer; authorized: AppAuthorized }
>({
  id: 'standaloneExchange',
  async gather(probe) {
    const authorized = await probe.use(standaloneAuthorization);
    codeOf(authorized, 'launch/code-issued');
    const answer = await postCode(probe, authorized);
    return { facts: { answer: seen(answer) }, live: { answer, authorized } };
  },
});

export interface SessionFacts {
  readonly at: string;
  readonly asked: string;
  /** The token response; secrets are pseudonyms. */
  readonly body: JsonObject;
  readonly headers: Readonly<Record<string, string>>;
  readonly accessToken: { readonly b64token: boolean; readonly length: number };
  readonly nonceSent: string;
  /** It began with a kept refresh token: nothing was asked for and no nonce was sent. */
  readonly fromRefresh?: boolean;
}

export interface Session {
  readonly tokens: TokenSet;
  readonly authorized: AppAuthorized;
}

/** The session that launch began: what reads, refresh and introspection are tried with. */
export const session = defineEvidence<SessionFacts, Session>({
  id: 'session',
  async gather(probe) {
    const refreshing = refreshingApp(probe.profile);
    if (refreshing !== undefined) return await refreshedSession(probe, refreshing);
    const { answer, authorized } = await probe.use(standaloneExchange);
    const tokens = tokensOf(probe, answer, 'token/exchange');
    return { facts: sessionFacts(tokens, authorized), live: { tokens, authorized } };
  },
});

/** A session from a refresh token of an earlier sign-in (`SMARTFHIR_REFRESH_TOKEN`). */
async function refreshedSession(probe: Probe, client: AppClient): Promise<Gathered<SessionFacts, Session>> {
  const { endpoints } = await probe.use(configuration);
  const context = { wire: probe.wire, tokenUrl: endpoints.token, client, now: () => probe.clock.now() };
  const answer = await refreshTokens(context, client.refreshToken ?? '');
  const request = createAuthorizeRequest({
    clientId: client.clientId,
    redirectUri: client.redirectUri,
    scope: answer.scope,
    aud: baseUrl(probe.profile),
  });
  const outcome: AuthorizeOutcome = {
    kind: 'nothing',
    oauthError: null,
    stateBack: null,
    iss: null,
    status: null,
    at: [],
  };
  const authorized: AppAuthorized = { client, request, outcome, url: undefined, steps: [] };
  // The token that came may be left out of the answer: the kept one is then still good.
  const tokens: TokenSet = { ...answer, refreshToken: answer.refreshToken ?? client.refreshToken };
  const facts: SessionFacts = { ...sessionFacts(tokens, authorized), fromRefresh: true };
  return { facts, live: { tokens, authorized } };
}

export function sessionFacts(tokens: TokenSet, authorized: AppAuthorized): SessionFacts {
  return {
    at: tokens.answer.at,
    asked: authorized.request.parameters['scope'] ?? '',
    body: tokens.body,
    headers: seen(tokens.answer).headers,
    accessToken: {
      b64token: /^[A-Za-z0-9\-._~+/]+=*$/.test(tokens.accessToken),
      length: tokens.accessToken.length,
    },
    nonceSent: authorized.request.nonce,
  };
}

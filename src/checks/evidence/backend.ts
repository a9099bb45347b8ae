import { postToken, type TokenSet, tokenSet } from '../../smart/app/token.ts';
import { type JsonObject, parseObject, stringOf } from '../../smart/json.ts';
import type { Answer } from '../../smart/recorder.ts';
import { backendClient, type NamedClient, otherBackendClient } from './cast.ts';
import { configuration } from './configuration.ts';
import { defineEvidence, type Probe, required, unavailable } from './evidence.ts';
import { type Seen, say, seen } from './seen.ts';

export interface BackendAnswerFacts {
  readonly answer: Seen;
}

async function requestBackendToken(
  probe: Probe,
  client: NamedClient,
  form: Record<string, string>,
): Promise<Answer> {
  const { endpoints } = await probe.use(configuration);
  required(client.jwks, `client ${client.name} has no private JWKS`);
  const context = { wire: probe.wire, tokenUrl: endpoints.token, client, now: () => probe.clock.now() };
  return await postToken(context, form);
}

/** A Backend Services token request with everything the client is registered for. */
export const backendAnswer = defineEvidence<BackendAnswerFacts, Answer>({
  id: 'backendAnswer',
  async gather(probe) {
    const client = backendClient(probe.profile);
    const scope = client.scopes.join(' ');
    const answer = await requestBackendToken(probe, client, { grant_type: 'client_credentials', scope });
    return { facts: { answer: seen(answer) }, live: answer };
  },
});

export interface BackendSessionFacts {
  readonly at: string;
  readonly body: JsonObject;
  readonly headers: Readonly<Record<string, string>>;
  readonly asked: string;
  readonly registered: readonly string[];
}

/** The backend client's session. */
export const backendSession = defineEvidence<BackendSessionFacts, TokenSet>({
  id: 'backendSession',
  async gather(probe) {
    const answer = await probe.use(backendAnswer);
    const token = stringOf(parseObject(answer.text)?.['access_token']);
    if (answer.status !== 200 || token === undefined || token === '') {
      return unavailable(
        `no backend token came: the token endpoint answered ${say(seen(answer))} (backend/token judges that)`,
      );
    }
    const tokens = tokenSet(probe.wire, answer);
    const { scopes } = backendClient(probe.profile);
    const facts = {
      at: answer.at,
      body: tokens.body,
      headers: seen(answer).headers,
      asked: scopes.join(' '),
      registered: scopes,
    };
    return { facts, live: tokens };
  },
});

/** The token of a second backend client. */
export const otherBackendSession = defineEvidence<BackendAnswerFacts, TokenSet>({
  id: 'otherBackendSession',
  async gather(probe) {
    const client = otherBackendClient(probe.profile);
    const scope = client.scopes.join(' ');
    const answer = await requestBackendToken(probe, client, { grant_type: 'client_credentials', scope });
    if (answer.status !== 200)
      return unavailable(`the second backend client got no token: ${say(seen(answer))}`);
    return { facts: { answer: seen(answer) }, live: tokenSet(probe.wire, answer) };
  },
});

export interface BackendRequestFacts {
  readonly wrongGrant: Seen;
  readonly noScope: Seen;
  readonly foreignScope: Seen;
  readonly foreignScopeGranted: string | null;
}

/** A scope no backend client of a conformance test is registered for. */
const FOREIGN_SCOPE = 'system/Patient.cud';

/** Good assertions with requests that must be refused. */
export const backendRequests = defineEvidence<BackendRequestFacts>({
  id: 'backendRequests',
  async gather(probe) {
    await probe.use(backendSession);
    const client = backendClient(probe.profile);
    const scope = client.scopes.join(' ');
    const [wrongGrant, noScope, foreign] = await Promise.all([
      requestBackendToken(probe, client, { grant_type: 'smartfhir-probe', scope }),
      requestBackendToken(probe, client, { grant_type: 'client_credentials' }),
      requestBackendToken(probe, client, { grant_type: 'client_credentials', scope: FOREIGN_SCOPE }),
    ]);
    const granted = stringOf(parseObject(foreign.text)?.['scope']) ?? null;
    return {
      facts: {
        wrongGrant: seen(wrongGrant),
        noScope: seen(noScope),
        foreignScope: seen(foreign),
        foreignScopeGranted: foreign.status === 200 ? granted : null,
      },
      live: undefined,
    };
  },
});

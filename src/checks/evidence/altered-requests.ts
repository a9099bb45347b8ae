import { randomToken } from '../../core/ids.ts';
import { createAuthorizeRequest } from '../../smart/app/authorize-request.ts';
import { baseUrl } from '../../smart/server-profile.ts';
import { type AuthorizeOutcome, altered, authorize } from './authorize.ts';
import { everything } from './authorized-app.ts';
import { patientUser, standaloneApp } from './cast.ts';
import { defineEvidence, type Probe } from './evidence.ts';
import { requireWorkingLaunch } from './standalone.ts';

export interface AlteredRequestsFacts {
  readonly noChallenge: AuthorizeOutcome;
  readonly plainChallenge: AuthorizeOutcome;
  readonly noMethod: AuthorizeOutcome;
  readonly noState: AuthorizeOutcome;
  readonly noRedirectUri: AuthorizeOutcome;
  readonly tokenResponseType: AuthorizeOutcome;
  readonly repeatedScope: AuthorizeOutcome;
  /** A state with every reserved character, sent with a request that must fail. */
  readonly errorState: { readonly sent: string; readonly outcome: AuthorizeOutcome };
}

type Changes = Readonly<Record<string, string | undefined>>;
const RESERVED = ' +/=&?#%"<>;,';

/** Authorization requests that each break one rule. */
export const alteredRequests = defineEvidence<AlteredRequestsFacts>({
  id: 'alteredRequests',
  async gather(probe) {
    await requireWorkingLaunch(probe);
    const plain = randomToken(48);
    const sent = `${randomToken(8)}${RESERVED}`;
    const [
      noChallenge,
      plainChallenge,
      noMethod,
      noState,
      noRedirectUri,
      tokenResponseType,
      errorOutcome,
      repeatedScope,
    ] = await Promise.all([
      attempt(probe, { code_challenge: undefined, code_challenge_method: undefined }),
      attempt(probe, { code_challenge: plain, code_challenge_method: 'plain' }),
      attempt(probe, { code_challenge_method: undefined }),
      attempt(probe, { state: undefined }),
      attempt(probe, { redirect_uri: undefined }),
      attempt(probe, { response_type: 'token' }),
      attempt(probe, { response_type: 'smartfhir-probe', state: sent }),
      attempt(probe, {}, [['scope', 'openid']]),
    ]);
    const errorState = { sent, outcome: errorOutcome };
    const facts: AlteredRequestsFacts = {
      noChallenge,
      plainChallenge,
      noMethod,
      noState,
      noRedirectUri,
      tokenResponseType,
      repeatedScope,
      errorState,
    };
    return { facts, live: undefined };
  },
});

async function attempt(
  probe: Probe,
  changes: Changes,
  added: readonly (readonly [string, string])[] = [],
): Promise<AuthorizeOutcome> {
  const client = standaloneApp(probe.profile);
  const { parameters } = createAuthorizeRequest({
    clientId: client.clientId,
    redirectUri: client.redirectUri,
    scope: await everything(probe, client),
    aud: baseUrl(probe.profile),
  });
  const { outcome } = await authorize(probe, {
    parameters: [...altered(parameters, changes), ...added],
    redirectUri: client.redirectUri,
    user: patientUser(probe.profile),
  });
  return outcome;
}

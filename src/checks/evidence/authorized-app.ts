import { type AuthorizeRequest, createAuthorizeRequest } from '../../smart/app/authorize-request.ts';
import type { SignInOptions } from '../../smart/app/sign-in.ts';
import { postToken, type TokenSet, tokenSet } from '../../smart/app/token.ts';
import { parseObject, stringOf, stringsOf } from '../../smart/json.ts';
import type { Answer } from '../../smart/recorder.ts';
import { baseUrl, type ProfileUser } from '../../smart/server-profile.ts';
import { type Authorized, altered, authorize, codeJudge, sayOutcome } from './authorize.ts';
import type { AppClient } from './cast.ts';
import { configuration, configurationBody } from './configuration.ts';
import { type Probe, required, unavailable } from './evidence.ts';
import { say, seen } from './seen.ts';

/** One app, one user, one request: what each new authorization starts from. */
export interface AppAuthorization {
  readonly client: AppClient;
  readonly user: ProfileUser;
  readonly scope: string;
  readonly launch?: string;
  readonly keepScope?: SignInOptions['keepScope'];
  readonly method?: 'GET' | 'POST';
}

export interface AppAuthorized extends Authorized {
  readonly client: AppClient;
  readonly request: AuthorizeRequest;
}

/**
 * Everything a client is registered for, as one request. A wildcard is spelled out with the types the server
 * publishes, so that single types can be declined and left out.
 */
export async function everything(probe: Probe, client: AppClient): Promise<string> {
  const published = stringsOf((await probe.use(configurationBody))['scopes_supported']);
  const spelled = client.scopes.flatMap((scope) => {
    const wildcard = /^(patient|user|system)\/\*\.([a-z]+)$/.exec(scope);
    if (wildcard === null) return [scope];
    const type = new RegExp(`^${wildcard[1]}/[A-Z][A-Za-z]+\\.${wildcard[2]}$`);
    const types = published.filter((item) => type.test(item));
    return types.length > 0 ? types : [scope];
  });
  return [...new Set(spelled)].join(' ');
}

/** Why `everything` may hold no single type: words to end a reason with. */
export async function unspelled(probe: Probe): Promise<string> {
  const published = stringsOf((await probe.use(configurationBody))['scopes_supported']);
  if (published.length > 0) return '';
  return ', and the server does not publish which types its wildcards stand for (discovery/scopes-supported judges that)';
}

/** A correct authorization request, walked to its end. */
export async function authorizeApp(probe: Probe, options: AppAuthorization): Promise<AppAuthorized> {
  const request = createAuthorizeRequest({
    clientId: options.client.clientId,
    redirectUri: options.client.redirectUri,
    scope: options.scope,
    aud: baseUrl(probe.profile),
    ...(options.launch === undefined ? {} : { launch: options.launch }),
  });
  const authorized = await authorize(probe, {
    parameters: altered(request.parameters, {}),
    redirectUri: options.client.redirectUri,
    user: options.user,
    ...(options.keepScope === undefined ? {} : { keepScope: options.keepScope }),
    ...(options.method === undefined ? {} : { method: options.method }),
  });
  return { ...authorized, client: options.client, request };
}

/** The code of a correct authorization; unavailable, naming the check that judges it, when the server gave none. */
export function codeOf(authorized: AppAuthorized, judge?: string): string {
  const code = authorized.url === undefined ? null : new URL(authorized.url).searchParams.get('code');
  if (code !== null && code !== '') return code;
  const { outcome } = authorized;
  const said = `no authorization code came: the server answered ${sayOutcome(outcome)}`;
  const judging = codeJudge(outcome, judge ?? '');
  return unavailable(judging === '' ? said : `${said} (${judging} judges that)`);
}

/** A whole session: authorization, validation, exchange. Unavailable when any of them fails. */
export async function startSession(
  probe: Probe,
  options: AppAuthorization,
): Promise<{ tokens: TokenSet; authorized: AppAuthorized }> {
  const authorized = await authorizeApp(probe, options);
  codeOf(authorized);
  return { tokens: await redeem(probe, authorized), authorized };
}

/** The answer to a correct redemption of the code of an authorization, whatever it is. */
export async function postCode(probe: Probe, authorized: AppAuthorized): Promise<Answer> {
  const { endpoints } = await probe.use(configuration);
  const { client, request } = authorized;
  const context = { wire: probe.wire, tokenUrl: endpoints.token, client, now: () => probe.clock.now() };
  return await postToken(context, {
    grant_type: 'authorization_code',
    code: codeOf(authorized),
    redirect_uri: client.redirectUri,
    code_verifier: request.pkce.verifier,
  });
}

/** Redeems the code of an authorization that ended at the redirect URI, whatever else came with it. */
export async function redeem(probe: Probe, authorized: AppAuthorized): Promise<TokenSet> {
  return tokenSet(probe.wire, await postCode(probe, authorized));
}

/** The tokens of an answer that a check judges; unavailable, naming that check, when it holds none. */
export function tokensOf(probe: Probe, answer: Answer, judge: string): TokenSet {
  const token = stringOf(parseObject(answer.text)?.['access_token']);
  if (answer.status === 200 && token !== undefined && token !== '') return tokenSet(probe.wire, answer);
  return unavailable(
    `no access token came: the token endpoint answered ${say(seen(answer))} (${judge} judges that)`,
  );
}

/** The patient of a session, when it is a bare id that reads can be tried with. */
export function patientOf(tokens: TokenSet): string {
  const patient = required(tokens.patient, 'the session has no patient (context/patient-present tells why)');
  if (/^[A-Za-z0-9.-]{1,64}$/.test(patient)) return patient;
  return unavailable('the patient of the session is no bare id (context/patient-bare-id tells why)');
}

import { type AuthorizeRequest, createAuthorizeRequest } from '../../smart/app/authorize-request.ts';
import { validateCallback } from '../../smart/app/callback.ts';
import type { SignInOptions } from '../../smart/app/sign-in.ts';
import { exchangeCode, type TokenSet } from '../../smart/app/token.ts';
import { stringsOf } from '../../smart/json.ts';
import { baseUrl, type ProfileUser } from '../../smart/server-profile.ts';
import { type Authorized, altered, authorize, sayOutcome } from './authorize.ts';
import type { AppClient } from './cast.ts';
import { configuration, configurationBody } from './configuration.ts';
import { type Probe, unavailable } from './evidence.ts';

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

/** The code of a correct authorization; unavailable when the server gave none. */
export function codeOf(authorized: AppAuthorized): string {
  const code = authorized.url === undefined ? null : new URL(authorized.url).searchParams.get('code');
  if (code !== null && code !== '') return code;
  return unavailable(`no authorization code came: the server answered ${sayOutcome(authorized.outcome)}`);
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

/** Redeems the code of an authorization that ended at the redirect URI. */
export async function redeem(probe: Probe, authorized: AppAuthorized): Promise<TokenSet> {
  const { endpoints } = await probe.use(configuration);
  const { client, request, url } = authorized;
  const context = { wire: probe.wire, tokenUrl: endpoints.token, client, now: () => probe.clock.now() };
  const callback = validateCallback(url ?? client.redirectUri, { state: request.state, issuer: undefined });
  return await exchangeCode(context, callback, {
    redirectUri: client.redirectUri,
    verifier: request.pkce.verifier,
  });
}

import type { Clock } from '../../core/clock.ts';
import { SmartfhirError } from '../../core/errors.ts';
import {
  type AuthorizeRequest,
  authorizeHttpRequest,
  createAuthorizeRequest,
} from '../app/authorize-request.ts';
import { validateCallback } from '../app/callback.ts';
import { exchangeCode, type TokenSet } from '../app/token.ts';
import { discover, openidConfigurationUrl, type SmartEndpoints } from '../discovery.ts';
import { parseObject, stringOf } from '../json.ts';
import { decodeJwt, signatureProblem } from '../jwt.ts';
import type { HttpRequest, Wire } from '../recorder.ts';
import { baseUrl, type ProfileClient, type ServerProfile } from '../server-profile.ts';
import type { Sequence } from './sequence.ts';

/** Seconds that clocks may differ. */
const CLOCK_SKEW_S = 360;

export interface AppSessionOptions {
  readonly sequence: Sequence;
  readonly profile: ServerProfile;
  readonly client: ProfileClient & { readonly redirectUri: string };
  readonly clock: Clock;
  readonly scope: string;
}

/** A SMART app's side of one launch: discovery, authorization request, callback, tokens, ID token. */
export class AppSession {
  readonly #options: AppSessionOptions;
  #endpoints: SmartEndpoints | undefined;
  #request: AuthorizeRequest | undefined;

  constructor(options: AppSessionOptions) {
    this.#options = options;
  }

  /** Discovery and the authorization request; undefined when a step failed. `launch` is what an EHR gave. */
  async begin(launch?: string): Promise<HttpRequest | undefined> {
    const { sequence, profile, client, scope } = this.#options;
    this.#endpoints = await sequence.step('launch/discovery', 'app → discovery', async (wire) => {
      const { endpoints } = await discover(wire, baseUrl(profile));
      return { value: endpoints, message: `${endpoints.capabilities.length} capabilities` };
    });
    return await sequence.step('launch/authorize', 'app → authorize', async (wire) => {
      const endpoint = this.#endpoints?.authorize;
      if (endpoint === undefined) {
        throw new SmartfhirError('RESPONSE_INVALID', 'the SMART configuration has no authorization_endpoint');
      }
      const parameters = {
        clientId: client.clientId,
        redirectUri: client.redirectUri,
        scope,
        aud: baseUrl(profile),
      };
      const request = createAuthorizeRequest({ ...parameters, ...(launch === undefined ? {} : { launch }) });
      for (const secret of [request.state, request.nonce, request.pkce.verifier])
        wire.redactor.addSecret(secret);
      this.#request = request;
      const message = `code, S256 PKCE, state ${request.state.length} characters, aud = iss`;
      return { value: authorizeHttpRequest(endpoint, request.parameters), message };
    });
  }

  /** The callback and everything after it; undefined when a step failed. */
  async finish(callbackUrl: string): Promise<TokenSet | undefined> {
    const tokens = await this.#redeem(callbackUrl);
    if (tokens === undefined) return undefined;
    await this.#compareScopes(tokens);
    const openid = tokens.scope.split(' ').includes('openid');
    if (openid || tokens.idToken !== undefined) await this.#checkIdToken(tokens.idToken);
    return tokens;
  }

  async #redeem(callbackUrl: string): Promise<TokenSet | undefined> {
    const { sequence, client, clock } = this.#options;
    const [endpoints, request] = [this.#endpoints, this.#request];
    if (endpoints === undefined || request === undefined) return undefined;
    const callback = await sequence.step('launch/callback', 'server → app', async () => ({
      value: validateCallback(callbackUrl, { state: request.state, issuer: endpoints.issuer }),
      message: 'code, state unchanged',
    }));
    return await sequence.step('launch/token', 'app → token', async (wire) => {
      if (callback === undefined) throw new SmartfhirError('CALLBACK_INVALID', 'there is no code');
      const context = { wire, tokenUrl: endpoints.token, client, now: () => clock.now() };
      const details = { redirectUri: client.redirectUri, verifier: request.pkce.verifier };
      const tokens = await exchangeCode(context, callback, details);
      return { value: tokens, message: `${words(client)}, verifier matches` };
    });
  }

  async #compareScopes(tokens: TokenSet): Promise<void> {
    const asked = this.#options.scope.split(' ').filter((word) => word !== '');
    const given = new Set(tokens.scope.split(' '));
    const missing = asked.filter((word) => !given.has(word));
    await this.#options.sequence.step('launch/scopes', 'scopes', async () => ({
      value: undefined,
      warn: missing.length > 0,
      message: missing.length === 0 ? 'all that was asked' : `not given: ${missing.join(' ')}`,
      fix: 'the user declined them, or the client is not registered for them',
    }));
  }

  async #checkIdToken(idToken: string | undefined): Promise<void> {
    await this.#options.sequence.step('launch/id-token', 'app → id_token', async (wire) => {
      if (idToken === undefined)
        throw new SmartfhirError('RESPONSE_INVALID', 'openid was granted, but no id_token came');
      const decoded = decodeJwt(idToken);
      if (decoded === undefined)
        throw new SmartfhirError('RESPONSE_INVALID', 'the id_token is no compact JWS');
      const { payload } = decoded;
      const issuer = stringOf(payload['iss']) ?? '';
      const problem = (await this.#signature(wire, issuer, idToken)) ?? this.#claims(payload);
      if (problem !== undefined)
        throw new SmartfhirError('RESPONSE_INVALID', `the id_token cannot be believed: ${problem}`);
      return {
        value: undefined,
        message: `RS256, iss, aud, nonce${payload['fhirUser'] === undefined ? '' : ', fhirUser'}`,
      };
    });
  }

  /** OIDC Core section 3.1.3.7 steps 6 to 8: the keys come from the issuer the token names, if it is the discovered one. */
  async #signature(wire: Wire, issuer: string, idToken: string): Promise<string | undefined> {
    const expected = this.#endpoints?.issuer;
    if (expected !== undefined && issuer !== expected) return `iss is ${issuer}, discovered was ${expected}`;
    if (!URL.canParse(issuer)) return 'iss is no URL';
    const openid = parseObject((await wire.send({ url: openidConfigurationUrl(issuer) })).text);
    const jwksUri = stringOf(openid?.['jwks_uri']);
    if (jwksUri === undefined) return 'the issuer publishes no jwks_uri';
    const keys = parseObject((await wire.send({ url: jwksUri })).text);
    return keys === undefined ? 'the key set is no JSON' : await signatureProblem(idToken, keys, ['RS256']);
  }

  #claims(payload: Readonly<Record<string, unknown>>): string | undefined {
    const { client, clock } = this.#options;
    const audiences = Array.isArray(payload['aud']) ? payload['aud'] : [payload['aud']];
    if (!audiences.includes(client.clientId)) return 'aud is not this client';
    if (payload['nonce'] !== this.#request?.nonce) return 'nonce is not the one that was sent';
    const { exp } = payload;
    if (typeof exp !== 'number' || exp < clock.now() / 1000 - CLOCK_SKEW_S) return 'it is expired';
    return undefined;
  }
}

function words(client: ProfileClient): string {
  if (client.kind === 'public') return 'public client';
  return client.kind === 'secret' ? 'client_secret_basic' : 'private_key_jwt';
}

import { randomToken } from '../../core/ids.ts';
import { authenticateClient } from '../../smart/client-auth.ts';
import { formRequest } from '../../smart/recorder.ts';
import { standaloneApp } from './cast.ts';
import { configuration } from './configuration.ts';
import { defineEvidence } from './evidence.ts';
import { type Seen, seen } from './seen.ts';

export interface TokenMisuseFacts {
  readonly bogusCode: Seen;
  readonly unknownGrant: Seen;
  readonly passwordGrant: Seen;
  readonly repeatedParameter: Seen;
}

/** Requests of a known client that the token endpoint must refuse; no sign-in is needed. */
export const tokenMisuse = defineEvidence<TokenMisuseFacts>({
  id: 'tokenMisuse',
  async gather(probe) {
    const { endpoints } = await probe.use(configuration);
    const client = standaloneApp(probe.profile);
    const post = async (pairs: readonly (readonly [string, string])[]): Promise<Seen> => {
      const auth = await authenticateClient(client, endpoints.token, probe.clock.now());
      const form = [...pairs, ...Object.entries(auth.form)];
      return seen(await probe.wire.send(formRequest(endpoints.token, form, auth.headers)));
    };
    const codeForm: readonly (readonly [string, string])[] = [
      ['grant_type', 'authorization_code'],
      ['code', `bogus-${randomToken(24)}`],
      ['redirect_uri', client.redirectUri],
      ['code_verifier', randomToken()],
    ];
    const [bogusCode, unknownGrant, passwordGrant, repeatedParameter] = await Promise.all([
      post(codeForm),
      post([['grant_type', 'smartfhir-probe']]),
      post([
        ['grant_type', 'password'],
        ['username', 'nobody'],
        ['password', randomToken()],
        ['scope', 'openid'],
      ]),
      post([...codeForm, ['code', `bogus-${randomToken(24)}`]]),
    ]);
    return { facts: { bogusCode, unknownGrant, passwordGrant, repeatedParameter }, live: undefined };
  },
});

export interface TokenEndpointFacts {
  readonly emptyPost: Seen;
  readonly get: Seen;
}

/** The token endpoint as anybody may ask it: an empty form, and a GET. */
export const tokenEndpoint = defineEvidence<TokenEndpointFacts>({
  id: 'tokenEndpoint',
  async gather(probe) {
    const { endpoints } = await probe.use(configuration);
    const emptyPost = await probe.wire.send(formRequest(endpoints.token, {}));
    const url = new URL(endpoints.token);
    url.searchParams.set('grant_type', 'client_credentials');
    const get = await probe.wire.send({ url: url.href, headers: { accept: 'application/json' } });
    return { facts: { emptyPost: seen(emptyPost), get: seen(get) }, live: undefined };
  },
});

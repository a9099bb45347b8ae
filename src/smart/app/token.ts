import { SmartfhirError } from '../../core/errors.ts';
import { authenticateClient, type ClientAuth } from '../client-auth.ts';
import { describe, place } from '../discovery.ts';
import { type JsonObject, parseObject, stringOf } from '../json.ts';
import { type Answer, formRequest, type Wire } from '../recorder.ts';
import type { ProfileClient } from '../server-profile.ts';
import type { ValidatedCallback } from './callback.ts';

/** Members of a token response that carry the launch context (SMART 2.2.0 scopes-and-launch-context). */
const LAUNCH_CONTEXT = [
  'patient',
  'encounter',
  'fhirContext',
  'intent',
  'need_patient_banner',
  'smart_style_url',
  'tenant',
];

/** The launch context of a token response, as it was sent. */
export function launchContextOf(body: JsonObject): Readonly<Record<string, unknown>> {
  return Object.fromEntries(LAUNCH_CONTEXT.filter((name) => name in body).map((name) => [name, body[name]]));
}

/** A token response that was checked for its required members. */
export interface TokenSet {
  readonly accessToken: string;
  readonly refreshToken: string | undefined;
  readonly idToken: string | undefined;
  /** Seconds, undefined when not stated. */
  readonly expiresIn: number | undefined;
  readonly scope: string;
  readonly patient: string | undefined;
  readonly encounter: string | undefined;
  /** The whole body. */
  readonly body: JsonObject;
  readonly answer: Answer;
}

export interface TokenClient {
  readonly wire: Wire;
  readonly tokenUrl: string;
  readonly client: ProfileClient;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** Redeems a code that `validateCallback` minted (RFC 6749 section 4.1.3, RFC 7636 section 4.5). */
export async function exchangeCode(
  context: TokenClient,
  callback: ValidatedCallback,
  details: { readonly redirectUri: string; readonly verifier: string },
): Promise<TokenSet> {
  return await requestToken(context, {
    grant_type: 'authorization_code',
    code: callback.code,
    redirect_uri: details.redirectUri,
    code_verifier: details.verifier,
  });
}

export async function refreshTokens(
  context: TokenClient,
  refreshToken: string,
  scope?: string,
): Promise<TokenSet> {
  return await requestToken(context, {
    grant_type: 'refresh_token',
    refresh_token: refreshToken,
    ...(scope === undefined ? {} : { scope }),
  });
}

/** SMART Backend Services: the scope parameter is required. */
export async function clientCredentials(context: TokenClient, scope: string): Promise<TokenSet> {
  return await requestToken(context, { grant_type: 'client_credentials', scope });
}

/** One token request with the client's own authentication; the answer is not judged. */
export async function postToken(
  context: TokenClient,
  form: Readonly<Record<string, string>>,
): Promise<Answer> {
  const auth = await authenticateClient(context.client, context.tokenUrl, context.now());
  return await postTokenWith(context, form, auth);
}

export async function postTokenWith(
  context: Pick<TokenClient, 'wire' | 'tokenUrl'>,
  form: Readonly<Record<string, string>>,
  auth: ClientAuth,
): Promise<Answer> {
  return await context.wire.send(formRequest(context.tokenUrl, { ...form, ...auth.form }, auth.headers));
}

async function requestToken(context: TokenClient, form: Readonly<Record<string, string>>): Promise<TokenSet> {
  const answer = await postToken(context, form);
  return tokenSet(context.wire, answer);
}

/**
 * The token set of an answer; its secrets are registered with the recorder's redactor.
 *
 * @throws SmartfhirError `OAUTH_REFUSED` with the error the server gave, `RESPONSE_INVALID` for anything else
 */
export function tokenSet(wire: Wire, answer: Answer): TokenSet {
  const body = parseObject(answer.text);
  if (answer.status !== 200 || body === undefined) throw refusal(answer, body);
  const accessToken = stringOf(body['access_token']);
  if (accessToken === undefined || accessToken === '') {
    throw new SmartfhirError('RESPONSE_INVALID', `${place(answer.url)} answered 200 without an access_token`);
  }
  for (const name of ['access_token', 'refresh_token', 'id_token'] as const) {
    const value = stringOf(body[name]);
    if (value !== undefined) wire.redactor.addSecret(value, name);
  }
  const expiresIn = body['expires_in'];
  return {
    accessToken,
    refreshToken: stringOf(body['refresh_token']),
    idToken: stringOf(body['id_token']),
    expiresIn: typeof expiresIn === 'number' ? expiresIn : undefined,
    scope: stringOf(body['scope']) ?? '',
    patient: stringOf(body['patient']),
    encounter: stringOf(body['encounter']),
    body,
    answer,
  };
}

function refusal(answer: Answer, body: JsonObject | undefined): SmartfhirError {
  const error = stringOf(body?.['error']);
  if (error === undefined) {
    return new SmartfhirError(
      'RESPONSE_INVALID',
      `${place(answer.url)} answered ${describe(answer.status, answer.text)}`,
    );
  }
  return new SmartfhirError('OAUTH_REFUSED', `${place(answer.url)} answered ${answer.status} ${error}`, {
    why: stringOf(body?.['error_description']) ?? 'it gave no description',
  });
}

import { s256 } from '../../../src/smart/pkce.ts';
import { fhir, html, insteadOfRefusal, oauthError, patch, tokenAnyway, withHeaders } from '../answers.ts';
import type { Asked } from '../asked.ts';
import { breaks, type Fault } from '../fault.ts';
import {
  isGoodRedemption,
  isIntrospect,
  isMainRedemption,
  isRead,
  issuedFor,
  isToken,
  ownPatient,
  sessionOf,
} from '../requests.ts';

const token: Fault['answer'] = async () => tokenAnyway();

/** The main token response with one change. */
function response(check: string, name: string, change: (body: Record<string, unknown>) => void): Fault {
  return breaks(
    check,
    name,
    isMainRedemption,
    patch((body) => change(body)),
  );
}

/** A wrong redemption that is honoured. */
function honours(
  check: string,
  name: string,
  wrong: (asked: Asked, request: URLSearchParams) => boolean,
): Fault {
  return breaks(
    check,
    name,
    (asked) => {
      const request = issuedFor(asked);
      return (
        request !== undefined &&
        !asked.memory.redeemed.has(asked.form.get('code') ?? '') &&
        wrong(asked, request)
      );
    },
    token,
  );
}

function grant(asked: Asked, name: string): boolean {
  return isToken(asked) && asked.form.get('grant_type') === name;
}

const verifier = (asked: Asked): string | null => asked.form.get('code_verifier');

/** A token with a mark at its end, which the fault takes off again. */
const MARK = '#';

export const tokenFaults: readonly Fault[] = [
  breaks('token/exchange', 'good codes are refused', isMainRedemption, async () =>
    oauthError(400, 'invalid_request'),
  ),
  breaks(
    'token/media-type',
    'tokens come as plain text',
    isMainRedemption,
    withHeaders({ 'content-type': 'text/plain' }),
  ),
  breaks(
    'token/access-token-characters',
    'tokens have a forbidden character',
    (asked) =>
      isMainRedemption(asked) ||
      asked.authorization?.endsWith(MARK) === true ||
      asked.form.get('token')?.endsWith(MARK) === true,
    async (asked, next) => {
      if (isMainRedemption(asked)) {
        return await patch((body) => ({ ...body, access_token: `${body['access_token']}${MARK}` }))(
          asked,
          next,
        );
      }
      const headers = new Headers(asked.request.headers);
      if (asked.authorization !== undefined)
        headers.set('authorization', asked.authorization.replace(MARK, ''));
      const body =
        asked.method === 'POST' ? { body: asked.text.replaceAll(encodeURIComponent(MARK), '') } : {};
      return await next(
        new Request(asked.url, { method: asked.method, headers, redirect: 'manual', ...body }),
      );
    },
  ),
  response('token/token-type', 'token_type is another', (body) => {
    body['token_type'] = 'mac';
  }),
  response('token/scope-present', 'scope is left out', (body) => {
    delete body['scope'];
  }),
  response('token/expires-in', 'expires_in is a string', (body) => {
    body['expires_in'] = String(body['expires_in']);
  }),
  breaks(
    'token/lifetime',
    'tokens live three hours',
    (asked) => isMainRedemption(asked) || isIntrospect(asked),
    patch((body) => {
      if (typeof body['expires_in'] === 'number') body['expires_in'] += 7200;
      if (typeof body['exp'] === 'number') body['exp'] += 7200;
    }),
  ),
  breaks(
    'token/no-store',
    'token responses may be cached',
    isMainRedemption,
    withHeaders({ 'cache-control': 'private' }),
  ),
  response('token/id-token-issued', 'no ID token comes', (body) => {
    delete body['id_token'];
  }),
  response('token/refresh-token-issued', 'no refresh token comes', (body) => {
    delete body['refresh_token'];
  }),
  breaks(
    'token/no-uninvited-refresh-token',
    'a refresh token comes uninvited',
    (asked) =>
      isGoodRedemption(asked) && issuedFor(asked)?.get('scope')?.includes('offline_access') === false,
    patch((body) => {
      if (body['access_token'] !== undefined) body['refresh_token'] = 'an-uninvited-refresh-token';
    }),
  ),
  honours('token/verifier-absent', 'code_verifier may be absent', (asked) => verifier(asked) === null),
  honours('token/verifier-empty', 'code_verifier may be empty', (asked) => verifier(asked) === ''),
  honours(
    'token/verifier-is-challenge',
    'the verifier is compared as plain text',
    (asked, request) => verifier(asked) === request.get('code_challenge'),
  ),
  honours('token/verifier-wrong', 'the verifier is not compared', (asked, request) => {
    const sent = verifier(asked) ?? '';
    return (
      sent !== '' && sent !== request.get('code_challenge') && s256(sent) !== request.get('code_challenge')
    );
  }),
  breaks(
    'token/code-single-use',
    'codes work again and again',
    (asked) => isToken(asked) && asked.memory.redeemed.has(asked.form.get('code') ?? ''),
    token,
  ),
  breaks(
    'token/code-reuse-revokes',
    'a replayed code leaves its session alone',
    (asked) =>
      isRead(asked, `Patient/${ownPatient(asked)}`) &&
      asked.memory.replayedCodes.has(sessionOf(asked)?.code ?? ''),
    insteadOfRefusal((asked) => fhir(200, { resourceType: 'Patient', id: ownPatient(asked) })),
  ),
  honours(
    'token/code-client-bound',
    'codes fit every client',
    (asked, request) => asked.clientId !== request.get('client_id'),
  ),
  honours(
    'token/redirect-uri-bound',
    'redirect_uri is not compared at the token endpoint',
    (asked, request) =>
      asked.form.has('redirect_uri') && asked.form.get('redirect_uri') !== request.get('redirect_uri'),
  ),
  honours(
    'token/redirect-uri-required',
    'redirect_uri may be absent at the token endpoint',
    (asked) => !asked.form.has('redirect_uri'),
  ),
  breaks(
    'token/bogus-code',
    'unknown codes are called an invalid request',
    (asked) =>
      grant(asked, 'authorization_code') &&
      asked.form.get('code')?.startsWith('bogus-') === true &&
      asked.form.getAll('code').length === 1,
    async () => oauthError(400, 'invalid_request'),
  ),
  honours(
    'token/client-authentication',
    'a confidential client needs no secret',
    (asked, request) =>
      asked.clientId === request.get('client_id') &&
      asked.basicSecret === undefined &&
      !asked.form.has('client_assertion') &&
      Object.values(asked.profile.clients).some(
        (client) => client.clientId === asked.clientId && client.kind !== 'public',
      ),
  ),
  breaks(
    'token/wrong-secret',
    'a wrong secret is called an invalid grant',
    (asked) => isToken(asked) && asked.basicSecret?.startsWith('wrong-') === true,
    async () => oauthError(400, 'invalid_grant'),
  ),
  breaks(
    'token/unknown-grant',
    'an unknown grant is called an invalid request',
    (asked) => grant(asked, 'smartfhir-probe') && !asked.form.has('client_assertion'),
    async () => oauthError(400, 'invalid_request'),
  ),
  breaks(
    'token/password-grant',
    'the password grant is offered',
    (asked) => grant(asked, 'password'),
    async () => oauthError(400, 'invalid_grant'),
  ),
  breaks(
    'token/repeated-parameter',
    'the last of two codes wins',
    (asked) => isToken(asked) && asked.form.getAll('code').length > 1,
    async () => oauthError(400, 'invalid_grant'),
  ),
  breaks(
    'token/post-only',
    'tokens are given out by GET',
    (asked) => isToken(asked) && asked.method === 'GET',
    token,
  ),
  breaks(
    'token/error-json',
    'the gateway answers errors with a page',
    (asked) => isToken(asked) && asked.method === 'POST' && asked.text === '',
    async () => html(400, '<html><body>Bad Request</body></html>'),
  ),
];

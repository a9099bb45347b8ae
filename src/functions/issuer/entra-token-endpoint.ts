import { exchange } from '../../core/http.ts';
import type { FetchLike } from '../../core/target.ts';
import { OAuthError } from '../oauth-error.ts';
import type { EntraKeys } from './entra-keys.ts';
import type { IssuedTokens } from './token-issuer.ts';

const BUDGET_MS = 20_000;

/** One form POST to Entra's token endpoint. */
export type EntraTokenCall = (form: Readonly<Record<string, string>>) => Promise<IssuedTokens>;

/** Entra's refusals become OAuth's; its texts (trace ids, AADSTS numbers) only go to the log. */
export function createEntraTokenCall(fetch: FetchLike, keys: EntraKeys): EntraTokenCall {
  return async (form) => {
    const { tokenEndpoint } = await keys.metadata();
    const answer = await exchange(
      fetch,
      new Request(tokenEndpoint, {
        method: 'POST',
        headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
        body: new URLSearchParams(form).toString(),
      }),
      { budgetMs: BUDGET_MS },
    );
    const body = parseObject(answer.text);
    if (answer.status !== 200) throw refusal(answer.status, body);
    const {
      access_token: accessToken,
      expires_in: expiresIn,
      id_token: idToken,
      refresh_token: refreshToken,
    } = body;
    if (typeof accessToken !== 'string' || !Number.isFinite(Number(expiresIn))) {
      throw new OAuthError('server_error', 'the identity provider answered no token', { status: 502 });
    }
    return {
      accessToken,
      expiresIn: Number(expiresIn),
      ...(typeof idToken === 'string' ? { idToken } : {}),
      ...(typeof refreshToken === 'string' ? { refreshToken } : {}),
    };
  };
}

function refusal(status: number, body: Readonly<Record<string, unknown>>): OAuthError {
  const codes = Array.isArray(body['error_codes']) ? body['error_codes'].join(', ') : '';
  const detail = `Entra answered ${status} ${String(body['error'])} ${codes}`;
  switch (body['error']) {
    case 'invalid_client':
    case 'unauthorized_client':
      return new OAuthError('invalid_client', 'client authentication failed', { detail });
    case 'invalid_grant':
    case 'interaction_required':
    case 'consent_required':
      return new OAuthError('invalid_grant', 'the identity provider no longer accepts this grant', {
        detail,
      });
    case 'temporarily_unavailable':
      return new OAuthError('temporarily_unavailable', 'the identity provider is busy; try again', {
        detail,
      });
    default:
      return new OAuthError('server_error', 'the identity provider refused the request', {
        status: 502,
        detail,
      });
  }
}

function parseObject(text: string): Readonly<Record<string, unknown>> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
  } catch {
    return {};
  }
}

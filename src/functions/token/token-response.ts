import { HOUR, SECOND } from '../../core/clock.ts';
import type { Gateway } from '../context.ts';
import { NO_STORE } from '../oauth-error.ts';
import type { NewToken } from '../state/sessions.ts';
import type { GrantedContext } from '../state/state.ts';

/** SMART 2.2.0 app-launch#step-5: the lifetime should not exceed one hour. */
const LONGEST_TOKEN_MS = HOUR;
/** SMART 2.2.0 backend-services: five minutes at most. */
export const BACKEND_TOKEN_MS = 300 * SECOND;

/** When a token ends for us: Entra may make it longer, the guard does not honour it longer. */
export function tokenEnd(gateway: Gateway, entraEnd: number, longest = LONGEST_TOKEN_MS): number {
  return Math.min(entraEnd, gateway.clock.now() + longest);
}

export interface TokenAnswer {
  readonly accessToken: string;
  readonly token: NewToken;
  readonly context: GrantedContext;
  readonly idToken?: string;
  readonly refreshToken?: string;
}

/** RFC 6749 section 5.1 with SMART's launch context. */
export function tokenResponse(gateway: Gateway, answer: TokenAnswer): Response {
  return Response.json(
    {
      access_token: answer.accessToken,
      token_type: 'Bearer',
      expires_in: Math.floor((answer.token.expiresAt - gateway.clock.now()) / SECOND),
      scope: answer.token.scope,
      ...answer.context,
      ...(answer.idToken === undefined ? {} : { id_token: answer.idToken }),
      ...(answer.refreshToken === undefined ? {} : { refresh_token: answer.refreshToken }),
    },
    { headers: NO_STORE },
  );
}

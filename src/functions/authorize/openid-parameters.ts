import { OAuthError } from '../oauth-error.ts';
import { once } from '../parameters.ts';
import type { Check } from './check.ts';

const PROMPTS = ['login', 'consent', 'select_account'];
const LONGEST = 2048;

/** OpenID Connect Core 3.1.2.1: nonce, login_hint and prompt, as far as a page of ours can honour them. */
export const openidParameters: Check = ({ parameters }) => {
  const [nonce, loginHint, prompt] = ['nonce', 'login_hint', 'prompt'].map((name) => once(parameters, name));
  if ([nonce, loginHint].some((value) => value !== undefined && value.length > LONGEST)) {
    throw new OAuthError('invalid_request', 'nonce or login_hint is too long');
  }
  const prompts = prompt?.split(' ') ?? [];
  if (prompts.includes('none')) {
    throw new OAuthError(
      'interaction_required',
      'the user has to choose scopes, so prompt=none cannot be met',
    );
  }
  const kept = prompts.find((value) => PROMPTS.includes(value));
  return {
    ...(nonce === undefined ? {} : { nonce }),
    ...(loginHint === undefined ? {} : { loginHint }),
    ...(kept === undefined ? {} : { prompt: kept }),
  };
};

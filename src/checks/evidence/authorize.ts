import { type AuthorizeMethod, authorizeHttpRequest } from '../../smart/app/authorize-request.ts';
import { type SignInOptions, type SignInStep, signIn } from '../../smart/app/sign-in.ts';
import type { ProfileUser } from '../../smart/server-profile.ts';
import { configuration, NO_AUTHORIZE } from './configuration.ts';
import { type Probe, required } from './evidence.ts';

/** What one authorization request led to. */
export interface AuthorizeOutcome {
  /** `code` and `error` came to the redirect URI; `page` stayed with the server. */
  readonly kind: 'code' | 'error' | 'page' | 'nothing';
  readonly oauthError: string | null;
  /** State as it came back, null when absent. The probe's own states are no secrets. */
  readonly stateBack: string | null;
  readonly iss: string | null;
  /** Status of the page that ended the walk. */
  readonly status: number | null;
  /** Exchanges, in order. */
  readonly at: readonly string[];
}

export interface AuthorizeAttempt {
  readonly parameters: readonly (readonly [string, string])[];
  readonly redirectUri: string;
  readonly method?: AuthorizeMethod;
  readonly user: ProfileUser | undefined;
  readonly keepScope?: SignInOptions['keepScope'];
  readonly deny?: boolean;
}

export interface Authorized {
  readonly outcome: AuthorizeOutcome;
  /** Where the browser ended, when it reached the redirect URI. */
  readonly url: string | undefined;
  readonly steps: readonly SignInStep[];
}

/** Sends an authorization request, walks the pages it leads to, and tells where it ended. */
export async function authorize(probe: Probe, attempt: AuthorizeAttempt): Promise<Authorized> {
  const { endpoints } = await probe.use(configuration);
  const endpoint = required(endpoints.authorize, NO_AUTHORIZE);
  const ended = await signIn({
    wire: probe.wire,
    request: authorizeHttpRequest(endpoint, attempt.parameters, attempt.method),
    redirectUri: attempt.redirectUri,
    otherRedirectUris: Object.values(probe.profile.clients).flatMap(({ redirectUri }) => redirectUri ?? []),
    user: attempt.user,
    ...(attempt.keepScope === undefined ? {} : { keepScope: attempt.keepScope }),
    ...(attempt.deny === undefined ? {} : { deny: attempt.deny }),
  });
  const at = ended.steps.map((step) => step.at);
  if (ended.kind === 'stopped') {
    const outcome: AuthorizeOutcome = {
      kind: 'page',
      oauthError: null,
      stateBack: null,
      iss: null,
      status: ended.answer.status,
      at,
    };
    return { outcome, url: undefined, steps: ended.steps };
  }
  const query = new URL(ended.url).searchParams;
  const oauthError = query.get('error');
  const outcome: AuthorizeOutcome = {
    kind: query.has('code') ? 'code' : oauthError !== null ? 'error' : 'nothing',
    oauthError,
    stateBack: query.get('state'),
    iss: query.get('iss'),
    status: null,
    at,
  };
  return { outcome, url: ended.url, steps: ended.steps };
}

/** `error=invalid_request`, `a code`, `a page (400)`: the outcome in a few words. */
export function sayOutcome(outcome: AuthorizeOutcome): string {
  if (outcome.kind === 'code') return 'an authorization code';
  if (outcome.kind === 'error') return `error=${outcome.oauthError}`;
  return outcome.kind === 'page' ? `a page (${outcome.status})` : 'a redirect without code and error';
}

/** Parameters with some replaced, or left out when the new value is undefined. */
export function altered(
  parameters: Readonly<Record<string, string>>,
  changes: Readonly<Record<string, string | undefined>>,
): readonly (readonly [string, string])[] {
  return Object.entries({ ...parameters, ...changes }).filter(
    (pair): pair is [string, string] => pair[1] !== undefined,
  );
}

/** The check that says why no code came: a password passed on has one of its own. */
export function codeJudge({ status }: AuthorizeOutcome, check = 'launch/code-issued'): string {
  return status === 307 || status === 308 ? 'security/redirect-after-post' : check;
}

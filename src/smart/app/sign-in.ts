import { SmartfhirError } from '../../core/errors.ts';
import { withoutQuery } from '../../core/http.ts';
import type { Answer, HttpRequest, Wire } from '../recorder.ts';
import type { ProfileUser } from '../server-profile.ts';
import { CookieJar } from './cookie-jar.ts';
import { type FormControl, type HtmlForm, parseForms, plain } from './html-forms.ts';

/** One answer on the way from the authorization request to the redirect URI. */
export interface SignInStep {
  readonly at: string;
  readonly method: string;
  /** Without query. */
  readonly url: string;
  readonly status: number;
  readonly page: boolean;
  readonly headers: Headers;
}

export type SignInOutcome =
  /** The browser was sent to the redirect URI. */
  | { readonly kind: 'redirected'; readonly url: string; readonly steps: readonly SignInStep[] }
  /** The server showed a page that leads nowhere, an error page, or a redirect that must not be followed. */
  | {
      readonly kind: 'stopped';
      readonly answer: Answer;
      readonly text: string;
      readonly steps: readonly SignInStep[];
    };

export interface SignInOptions {
  readonly wire: Wire;
  readonly request: HttpRequest;
  /** This URL, with whatever query or fragment, ends the walk; it is not requested. */
  readonly redirectUri: string;
  /** Other addresses of clients: they end the walk too. */
  readonly otherRedirectUris?: readonly string[];
  readonly user: ProfileUser | undefined;
  /** Which scope boxes stay ticked; all of them when absent. */
  readonly keepScope?: (scope: string) => boolean;
  /** Press the button that refuses. */
  readonly deny?: boolean;
}

/** Pages and redirects of one sign-in; more is a circle. */
const MAX_STEPS = 40;
const USERNAME = /^(loginfmt|login|username|user|email|userid|identifier|signinname)$/i;
const REFUSES = /cancel|deny|decline|reject|back|abort|\bno\b|another account/i;
const ACCEPTS_DENIAL = /cancel|deny|decline|reject|abort/i;

/**
 * Walks sign-in, scope choice and consent pages like a user without script: fills username and password, keeps or
 * unticks scopes, presses the primary button, follows redirects with cookies.
 *
 * @throws SmartfhirError `SIGN_IN_FAILED` when the pages go in a circle or ask for a user that is not there
 */
export async function signIn(options: SignInOptions): Promise<SignInOutcome> {
  const jar = new CookieJar();
  const steps: SignInStep[] = [];
  const submitted = new Map<string, number>();
  const ends = [options.redirectUri, ...(options.otherRedirectUris ?? [])];
  const ended = (url: string): boolean => ends.some((end) => reaches(url, end));
  let request = options.request;
  while (steps.length < MAX_STEPS) {
    if (ended(request.url)) return { kind: 'redirected', url: request.url, steps };
    const answer = await visit(options.wire, jar, request, steps);
    const location = answer.headers.get('location');
    if (answer.status >= 300 && answer.status < 400 && location !== null) {
      const text = carriesAway(request, answer, location, options.user?.password);
      if (text !== undefined) return { kind: 'stopped', answer, text, steps };
      request = redirected(request, answer, location);
      continue;
    }
    const next = nextForm(answer, options);
    if (next === undefined) return { kind: 'stopped', answer, text: plain(answer.text).slice(0, 500), steps };
    request = next.request;
    if (ended(request.url)) return { kind: 'redirected', url: postedUrl(request), steps };
    guardAgainstRepetition(submitted, next);
  }
  throw new SmartfhirError('SIGN_IN_FAILED', `sign-in did not end after ${MAX_STEPS} pages and redirects`, {
    why: `the last was ${withoutQuery(request.url)}`,
  });
}

async function visit(wire: Wire, jar: CookieJar, request: HttpRequest, steps: SignInStep[]): Promise<Answer> {
  const cookie = jar.header(request.url);
  const headers = {
    accept: 'text/html,*/*',
    ...request.headers,
    ...(cookie === undefined ? {} : { cookie }),
  };
  const answer = await wire.send({ ...request, headers });
  jar.store(request.url, answer.headers);
  steps.push({
    at: answer.at,
    method: request.method ?? 'GET',
    url: withoutQuery(request.url),
    status: answer.status,
    page: /html/i.test(answer.headers.get('content-type') ?? ''),
    headers: answer.headers,
  });
  return answer;
}

/** RFC 9110 section 15.4: 303 and, by custom, 301 and 302 turn a POST into a GET; 307 and 308 repeat it. */
function redirected(request: HttpRequest, answer: Answer, location: string): HttpRequest {
  if (!URL.canParse(location, answer.url)) {
    throw new SmartfhirError(
      'SIGN_IN_FAILED',
      `${withoutQuery(answer.url)} redirects to something that is no URL`,
    );
  }
  const url = new URL(location, answer.url).href;
  return repeats(answer) ? { ...request, url } : { url };
}

function repeats({ status }: Answer): boolean {
  return status === 307 || status === 308;
}

/** RFC 9700 section 4.12: the password must not go where a 307 or 308 would take it. Why the walk ends, if it does. */
function carriesAway(
  request: HttpRequest,
  answer: Answer,
  location: string,
  password: string | undefined,
): string | undefined {
  const form = [...new URLSearchParams(request.body ?? '').values()];
  const carries = repeats(answer) && password !== undefined && form.includes(password);
  if (!carries || !URL.canParse(location, answer.url)) return undefined;
  const url = new URL(location, answer.url);
  if (url.origin === new URL(answer.url).origin) return undefined;
  return `${withoutQuery(answer.url)} passes the password on to ${url.host} by status ${answer.status}`;
}

/** A wrong password brings the same page again: twice is enough. */
function guardAgainstRepetition(submitted: Map<string, number>, next: Submission): void {
  const fields = [...new URLSearchParams(next.request.body ?? '').keys()].sort().join(' ');
  const key = `${withoutQuery(next.request.url)} ${fields}`;
  const times = (submitted.get(key) ?? 0) + 1;
  submitted.set(key, times);
  if (next.credentials && times > 2) {
    throw new SmartfhirError(
      'SIGN_IN_FAILED',
      `${withoutQuery(next.request.url)} asks for the same sign-in again and again`,
      { why: 'the username or password was not accepted, or the page needs script' },
    );
  }
}

interface Submission {
  readonly request: HttpRequest;
  /** Does it carry a username or password? */
  readonly credentials: boolean;
}

function nextForm(answer: Answer, options: SignInOptions): Submission | undefined {
  if (!/html/i.test(answer.headers.get('content-type') ?? '')) return undefined;
  const forms = parseForms(answer.text, answer.url);
  const form = forms.find(asksForUser) ?? forms.find(offersScopes) ?? forms.find(submits);
  return form === undefined
    ? undefined
    : { request: submission(form, options), credentials: asksForUser(form) };
}

function submission(form: HtmlForm, options: SignInOptions): HttpRequest {
  const button = chooseButton(form, options.deny === true && !asksForUser(form));
  const pairs: [string, string][] = [];
  for (const control of form.controls) {
    if (control.name === '' || control.disabled) continue;
    const value = submittedValue(control, options, button);
    if (value !== undefined) pairs.push([control.name, value]);
  }
  const body = new URLSearchParams(pairs).toString();
  if (form.method === 'GET') return { url: `${withoutQuery(form.action)}?${body}` };
  const headers = {
    'content-type': 'application/x-www-form-urlencoded',
    origin: new URL(form.action).origin,
  };
  return { method: 'POST', url: form.action, headers, body };
}

function submittedValue(
  control: FormControl,
  options: SignInOptions,
  button: FormControl | undefined,
): string | undefined {
  if (isButton(control)) return control === button ? control.value : undefined;
  if (control.type === 'checkbox' && isScope(control)) {
    const keep = options.keepScope;
    return (keep === undefined ? control.checked : keep(control.value)) ? control.value : undefined;
  }
  if (control.type === 'checkbox' || control.type === 'radio')
    return control.checked ? control.value : undefined;
  if (control.type === 'password') return credentials(options).password;
  if (control.type !== 'hidden' && USERNAME.test(control.name)) return credentials(options).username;
  return control.value;
}

function credentials(options: SignInOptions): ProfileUser {
  if (options.user !== undefined) return options.user;
  throw new SmartfhirError('SIGN_IN_FAILED', 'the sign-in page asks for a user, and no user is configured', {
    fix: 'name one under environments.NAME.server.users in smartfhir.yaml',
  });
}

function chooseButton(form: HtmlForm, deny: boolean): FormControl | undefined {
  const buttons = form.controls.filter(isButton);
  const words = (button: FormControl): string =>
    `${button.name} ${button.value} ${button.label} ${button.id}`;
  if (deny) {
    const refusing = buttons.find((button) => ACCEPTS_DENIAL.test(words(button)));
    if (refusing !== undefined) return refusing;
  }
  return buttons.find((button) => !REFUSES.test(words(button))) ?? buttons[0];
}

function isButton(control: FormControl): boolean {
  return (
    (control.kind === 'button' && control.type === 'submit') ||
    (control.kind === 'input' && /^(submit|image)$/.test(control.type))
  );
}

function isScope(control: FormControl): boolean {
  return /^(scope|scopes)(\[\])?$/i.test(control.name);
}

function asksForUser(form: HtmlForm): boolean {
  return form.controls.some(
    (control) =>
      control.type === 'password' ||
      (control.type !== 'hidden' && control.kind === 'input' && USERNAME.test(control.name)),
  );
}

function offersScopes(form: HtmlForm): boolean {
  return form.controls.some((control) => control.type === 'checkbox' && isScope(control));
}

/** A form that a person can send, or one that a script would send at once (response_mode=form_post). */
function submits(form: HtmlForm): boolean {
  return form.controls.some(isButton) || (form.method === 'POST' && form.controls.length > 0);
}

/** Is `url` the redirect URI itself, with whatever query or fragment the server added? */
function reaches(url: string, redirectUri: string): boolean {
  const [at, wanted] = [new URL(url), new URL(redirectUri)];
  return at.origin === wanted.origin && at.pathname === wanted.pathname;
}

function postedUrl(request: HttpRequest): string {
  if (request.body === undefined) return request.url;
  return `${withoutQuery(request.url)}?${request.body}`;
}

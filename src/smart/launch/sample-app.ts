import type { HttpRequest } from '../recorder.ts';
import type { LaunchDocument } from './app-launch.ts';
import { callbackPage, formPage, messagePage, resultPage, STYLE_SOURCE } from './sample-app-pages.ts';

export interface SampleAppOptions {
  /** Where the authorization server sends the browser back. */
  readonly redirectUri: string;
  /** The FHIR base an EHR must name; other servers' launches are refused. */
  readonly fhirUrl: string;
}

/** Security headers of every page: no script, no frame, nothing from elsewhere. */
const HEADERS: Readonly<Record<string, string>> = {
  'content-type': 'text/html; charset=utf-8',
  'content-security-policy': `default-src 'none'; style-src ${STYLE_SOURCE}; form-action *; frame-ancestors 'none'; base-uri 'none'`,
  'referrer-policy': 'no-referrer',
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
};

/** How long the callback page waits for the launch to end, milliseconds. */
const RESULT_WAIT_MS = 60_000;

/**
 * Our sample app: opened by the user or by an EHR, it starts one authorization, receives the callback, and shows
 * what was asked, given and readable. A function from Request to Response; a host is a few lines around it.
 */
export class SampleApp {
  readonly origin: string;
  readonly launchPath = '/launch';
  readonly #options: SampleAppOptions;
  readonly #callbackPath: string;
  readonly #callback = Promise.withResolvers<string>();
  readonly #document = Promise.withResolvers<LaunchDocument>();
  #request: HttpRequest | undefined;
  #launch: string | undefined;
  #called = false;

  constructor(options: SampleAppOptions) {
    const url = new URL(options.redirectUri);
    this.#options = options;
    this.origin = url.origin;
    this.#callbackPath = url.pathname;
    // Nobody may be waiting when the launch ends early.
    this.#callback.promise.catch(() => undefined);
  }

  /** What the start page leads to. With `launch`, only an EHR that names this handle is answered. */
  prepare(request: HttpRequest, launch: string | undefined): void {
    this.#request = request;
    this.#launch = launch;
  }

  /** The URL at which the callback arrived. */
  async callback(): Promise<string> {
    return await this.#callback.promise;
  }

  /** Gives the waiting callback page what it shows. */
  show(document: LaunchDocument): void {
    this.#document.resolve(document);
  }

  readonly fetch = async (request: Request): Promise<Response> => {
    const url = new URL(request.url);
    if (request.method !== 'GET') return page(405, messagePage('This app answers GET only.'));
    if (url.pathname === this.#callbackPath) return await this.#receive(url);
    if (url.pathname === this.launchPath) return this.#start(url, true);
    if (url.pathname === '/') return this.#start(url, false);
    return page(404, messagePage('There is no such page in this app.'));
  };

  #start(url: URL, byEhr: boolean): Response {
    const request = this.#request;
    if (request === undefined) return page(409, messagePage('No launch is waiting for this page.'));
    const problem = byEhr ? this.#launchProblem(url) : undefined;
    if (problem !== undefined) return page(400, messagePage(problem));
    if (!byEhr && this.#launch !== undefined) return page(409, messagePage('This launch starts in the EHR.'));
    if (request.method === 'POST') return page(200, formPage(request));
    return new Response(null, {
      status: 302,
      headers: { location: request.url, 'referrer-policy': 'no-referrer' },
    });
  }

  /** SMART app-launch step 2: exactly one iss and launch; an unknown iss could be a phishing server. */
  #launchProblem(url: URL): string | undefined {
    const [iss, ...moreIss] = url.searchParams.getAll('iss');
    const [launch, ...moreLaunch] = url.searchParams.getAll('launch');
    if (iss === undefined || launch === undefined) return 'The EHR gave no iss or no launch.';
    if (moreIss.length > 0 || moreLaunch.length > 0) return 'The EHR gave iss or launch more than once.';
    const same = iss.replace(/\/+$/, '') === this.#options.fhirUrl.replace(/\/+$/, '');
    if (!same) return 'This app does not know the FHIR server that launched it.';
    return launch === this.#launch ? undefined : 'This is not the launch this app waits for.';
  }

  async #receive(url: URL): Promise<Response> {
    if (this.#called) return page(409, messagePage('This launch was answered already.'));
    this.#called = true;
    this.#callback.resolve(url.href);
    const { promise: late, resolve } = Promise.withResolvers<undefined>();
    const timer = setTimeout(() => resolve(undefined), RESULT_WAIT_MS);
    const document = await Promise.race([this.#document.promise, late]);
    clearTimeout(timer);
    return page(200, document === undefined ? callbackPage() : resultPage(document));
  }
}

function page(status: number, body: string): Response {
  return new Response(body, { status, headers: HEADERS });
}

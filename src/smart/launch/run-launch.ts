import { spawn } from 'node:child_process';
import { MINUTE } from '../../core/clock.ts';
import { SmartfhirError } from '../../core/errors.ts';
import { findBrowser, signInWithBrowser } from '../app/browser.ts';
import { launchUrl } from '../ehr/create-launch.ts';
import type { HttpRequest } from '../recorder.ts';
import { baseUrl } from '../server-profile.ts';
import { type AppLaunchOptions, type LaunchDocument, runAppLaunch } from './app-launch.ts';
import { serveApp } from './app-server.ts';
import { SampleApp } from './sample-app.ts';

export interface BrowserLaunchOptions extends AppLaunchOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `script` and `browser` need nobody; `person` waits for somebody at a browser. */
  readonly driver: 'script' | 'browser' | 'person';
  /** Open the user's browser (driver `person`). */
  readonly open: boolean;
  readonly callbackPort: number | undefined;
  /** The URL to open, printed even when the browser opens by itself. */
  readonly onUrl: (url: string) => void;
  readonly onPage?: Parameters<typeof signInWithBrowser>[1]['onPage'];
}

const PERSON_MS = 10 * MINUTE;
const BROWSER_MS = 2 * MINUTE;

/** A launch with our sample app as the app, driven by script, by a headless browser, or by a person. */
export async function runLaunch(options: BrowserLaunchOptions): Promise<LaunchDocument> {
  if (options.driver === 'script') return await runAppLaunch(options);
  const redirectUri = withPort(options.client.redirectUri, options.callbackPort);
  const app = new SampleApp({ redirectUri, fhirUrl: baseUrl(options.profile) });
  const server = await serveApp(app);
  try {
    const browse = (request: HttpRequest): Promise<string> => browseWith(app, request, options, redirectUri);
    const client = { ...options.client, redirectUri };
    const running = runAppLaunch({ ...options, client, browse });
    // The page in the browser waits for the end of the launch and shows it.
    const document = await running;
    app.show(document);
    return document;
  } finally {
    await server.close();
  }
}

async function browseWith(
  app: SampleApp,
  request: HttpRequest,
  options: BrowserLaunchOptions,
  redirectUri: string,
): Promise<string> {
  const handle = new URL(request.url).searchParams.get('launch') ?? undefined;
  app.prepare(request, handle);
  const start =
    handle === undefined
      ? `${app.origin}/`
      : launchUrl(`${app.origin}${app.launchPath}`, baseUrl(options.profile), handle);
  options.onUrl(start);
  if (options.driver === 'person') {
    if (options.open) openInBrowser(start);
    return await within(app.callback(), PERSON_MS, options.signal);
  }
  const executable = findBrowser(options.env);
  if (executable === undefined) {
    throw new SmartfhirError('SIGN_IN_FAILED', 'no Chromium was found on this machine', {
      fix: 'install chromium, name one in SMARTFHIR_BROWSER, or leave --driver browser out',
    });
  }
  const { user, onPage } = options;
  const walking = signInWithBrowser(executable, {
    startUrl: start,
    until: redirectUri,
    user,
    budgetMs: BROWSER_MS,
    ...(onPage === undefined ? {} : { onPage }),
  });
  walking.catch(() => undefined);
  return await within(Promise.race([app.callback(), walking]), BROWSER_MS, options.signal);
}

async function within<T>(promise: Promise<T>, budgetMs: number, signal: AbortSignal): Promise<T> {
  const { promise: late, reject } = Promise.withResolvers<never>();
  const stop = (): void => reject(signal.reason);
  const timer = setTimeout(
    () =>
      reject(
        new SmartfhirError(
          'SIGN_IN_FAILED',
          `nobody came back to the app within ${budgetMs / MINUTE} minutes`,
          {
            why: 'usual causes: another redirect URI is registered, the app was opened without launch, cookies are blocked',
          },
        ),
      ),
    budgetMs,
  );
  signal.addEventListener('abort', stop, { once: true });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
    signal.removeEventListener('abort', stop);
  }
}

/** Asks the desktop to open a URL; whether it does is visible to the user only. */
export function openInBrowser(url: string): void {
  const [command, args] =
    process.platform === 'darwin'
      ? ['open', [url]]
      : process.platform === 'win32'
        ? ['cmd', ['/c', 'start', '', url]]
        : ['xdg-open', [url]];
  const child = spawn(command as string, args as string[], { stdio: 'ignore', detached: true });
  child.on('error', () => undefined);
  child.unref();
}

function withPort(redirectUri: string | undefined, port: number | undefined): string {
  if (redirectUri === undefined) throw new SmartfhirError('MISSING_INPUT', 'the client has no redirectUri');
  if (port === undefined) return redirectUri;
  const url = new URL(redirectUri);
  url.port = String(port);
  return url.href;
}

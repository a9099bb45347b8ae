import { existsSync } from 'node:fs';
import type { Locator, Page } from 'playwright-core';
import { SECOND } from '../../core/clock.ts';
import { messageOf, SmartfhirError } from '../../core/errors.ts';
import { withoutQuery } from '../../core/http.ts';
import type { ProfileUser } from '../server-profile.ts';

export interface BrowserOptions {
  readonly startUrl: string;
  /** The walk ends when the browser is at a URL of this origin and path and the page is loaded. */
  readonly until: string;
  readonly user: ProfileUser | undefined;
  /** Which scope boxes stay ticked; all when absent. */
  readonly keepScope?: (scope: string) => boolean;
  /** Milliseconds for the whole walk. */
  readonly budgetMs: number;
  /** Called with each page before its button is pressed, and with the last one. */
  readonly onPage?: (page: Page, name: string) => Promise<void>;
}

const PLACES = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
const MAX_PAGES = 20;
const PAGE_MS = 15 * SECOND;
const USERNAME = 'input[name="loginfmt"], input[name="username"], input[type="email"], input[name="user"]';

/** Chromium of this machine, or undefined. `SMARTFHIR_BROWSER` names another one. */
export function findBrowser(env: Readonly<Record<string, string | undefined>>): string | undefined {
  const places = [env['SMARTFHIR_BROWSER'], ...PLACES].filter((place) => place !== undefined);
  return places.find((place) => existsSync(place));
}

/**
 * The same walk as `signIn`, in a real headless browser.
 *
 * @returns the URL at which it ended
 * @throws SmartfhirError `SIGN_IN_FAILED`
 */
export async function signInWithBrowser(executable: string, options: BrowserOptions): Promise<string> {
  const { chromium } = await import('playwright-core');
  const browser = await chromium.launch({ executablePath: executable, args: ['--no-sandbox'] });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(Math.min(PAGE_MS, options.budgetMs));
    return await walk(page, options);
  } catch (error) {
    if (error instanceof SmartfhirError) throw error;
    throw new SmartfhirError('SIGN_IN_FAILED', `the browser stopped: ${messageOf(error).split('\n')[0]}`, {
      cause: error,
    });
  } finally {
    await browser.close();
  }
}

async function walk(page: Page, options: BrowserOptions): Promise<string> {
  const deadline = Date.now() + options.budgetMs;
  await page.goto(options.startUrl, { waitUntil: 'load' });
  for (let count = 1; count <= MAX_PAGES && Date.now() < deadline; count += 1) {
    if (withoutQuery(page.url()) === withoutQuery(options.until)) {
      await options.onPage?.(page, `${count}-end`);
      return page.url();
    }
    await fill(page, options);
    await options.onPage?.(page, `${count}-page`);
    await press(page);
  }
  throw new SmartfhirError(
    'SIGN_IN_FAILED',
    `sign-in did not end; the last page was ${withoutQuery(page.url())}`,
  );
}

async function fill(page: Page, options: BrowserOptions): Promise<void> {
  const username = page.locator(USERNAME).first();
  if (await shown(username)) await username.fill(userOf(options).username);
  const password = page.locator('input[type="password"]').first();
  if (await shown(password)) await password.fill(userOf(options).password);
  const { keepScope } = options;
  if (keepScope === undefined) return;
  for (const box of await page.locator('input[type="checkbox"][name="scope"]').all()) {
    await box.setChecked(keepScope((await box.getAttribute('value')) ?? ''));
  }
}

async function press(page: Page): Promise<void> {
  const buttons = page.locator('button[type="submit"], input[type="submit"], button:not([type])');
  const primary = buttons.filter({ hasNotText: /cancel|deny|decline|back|another account/i });
  for (const button of await primary.all()) {
    const value = (await button.getAttribute('value')) ?? '';
    if (!(await button.isVisible()) || /cancel|deny|decline|back|^no$/i.test(value)) continue;
    await Promise.all([page.waitForEvent('load'), button.click()]);
    return;
  }
  throw new SmartfhirError('SIGN_IN_FAILED', `${withoutQuery(page.url())} has no button that leads on`, {
    why: ((await page.locator('body').textContent()) ?? '').slice(0, 200),
  });
}

async function shown(locator: Locator): Promise<boolean> {
  return (await locator.count()) > 0 && (await locator.isVisible());
}

function userOf(options: BrowserOptions): ProfileUser {
  if (options.user !== undefined) return options.user;
  throw new SmartfhirError('SIGN_IN_FAILED', 'the sign-in page asks for a user, and no user is configured');
}

import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Browser, chromium, type Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ResultDocument } from '../../src/core/result.ts';
import { findBrowser } from '../../src/smart/app/browser.ts';
import { type RunningBin, runBin, startBin } from './smartfhir-bin.ts';

const CHROMIUM = findBrowser(process.env);
const QUIET = [
  ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-sync'],
  ...['--disable-background-networking', '--disable-component-update'],
];
const SIZES = [
  { width: 390, height: 844 },
  { width: 1280, height: 800 },
];
/** Where a person wants to look at the pages: a folder that gets a picture of each in both sizes. */
const PICTURES = process.env['SMARTFHIR_SCREENSHOTS'];

interface User {
  readonly username: string;
  readonly password: string;
  readonly fhirUser: string;
}

let project: string;
let browser: Browser;
let users: readonly User[];

if (CHROMIUM === undefined && process.env['CI'] === undefined)
  console.warn('skipped: browser tests, there is no Chromium; SMARTFHIR_BROWSER names one');

describe.skipIf(CHROMIUM === undefined && process.env['CI'] === undefined)('in Chromium', () => {
  beforeAll(async () => {
    if (CHROMIUM === undefined)
      throw new Error('CI needs Chromium: install it, or name one in SMARTFHIR_BROWSER');
    project = await mkdtemp(join(tmpdir(), 'smartfhir-browser-'));
    await writeFile(
      join(project, 'smartfhir.yaml'),
      configuration(`http://app.localhost:${await freePort()}`),
    );
    expect(await runBin(project, 'local', 'up', '-q')).toMatchObject({ code: 0 });
    expect(await runBin(project, 'apply', '--local', '--yes', '-q')).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/^local: \d+ changes applied\n$/),
    });
    const status = await runBin(project, 'local', 'status', '-o', 'json');
    users = (JSON.parse(status.stdout) as { users: User[] }).users;
    browser = await chromium.launch({ executablePath: CHROMIUM, args: QUIET });
  });

  afterAll(async () => {
    await browser?.close();
    if (project === undefined) return;
    await runBin(project, 'local', 'reset');
    await rm(project, { recursive: true, force: true });
  });

  test('standalone: sign-in, scope choice, consent at Entra, and back to the app', async () => {
    const { visit, run, document } = await launch('standalone', 'Patient', async (page) => {
      await page.getByLabel('Keep access while you are away, until you revoke it').uncheck();
      await page.getByRole('button', { name: 'Allow' }).click();
    });
    expect(visit.pages).toEqual([
      'Sign in to your account',
      'Choose what the app may see',
      'Permissions requested',
      'The launch worked',
    ]);
    expect(run.code).toBe(0);
    expect(document.launch).toMatchObject({
      asked: { scope: 'launch/patient openid fhirUser offline_access patient/*.rs' },
      granted: { scope: 'launch/patient openid fhirUser patient/*.rs', refreshToken: false },
      context: { patient: 'patient-a' },
    });
    expect(visit.text).toMatch(
      /Asked\s+launch\/patient\s+openid\s+fhirUser\s+offline_access\s+patient\/\*\.rs/,
    );
    expect(visit.text).toMatch(/Granted\s+launch\/patient\s+openid\s+fhirUser\s+patient\/\*\.rs/);
    expect(visit.text).toMatch(/Asked for, not granted\s+offline_access/);
    expect(visit.text).toMatch(/Readable\s+✓\s*Patient\/patient-a\s+200\s+1 resource\n/);
  });

  test('EHR launch: the record that is open in the EHR comes along', async () => {
    const { visit, run, document } = await launch('ehr', 'Practitioner', async (page) => {
      expect(await seen(page)).toMatch(/Patient\s+patient-a/);
      await page.getByLabel('Read and search all health records that you may see').uncheck();
      await page.getByText('Choose single kinds of record instead').click();
      await page.getByLabel('Allergies and intolerances').check();
      await page.getByLabel('Name, address and other personal data').check();
      await page.getByRole('button', { name: 'Allow' }).click();
    });
    expect(visit.pages).toEqual([
      'Sign in to your account',
      'Choose what the app may see',
      'Permissions requested',
      'The launch worked',
    ]);
    expect(run.code).toBe(0);
    expect(document.launch).toMatchObject({
      granted: { scope: 'launch openid fhirUser offline_access user/AllergyIntolerance.rs user/Patient.rs' },
      context: { patient: 'patient-a', encounter: 'encounter-a', need_patient_banner: true },
    });
    expect(visit.text).toMatch(/✓\s*AllergyIntolerance\?patient=patient-a\S*\s+200/);
  });

  test('who denies comes back to an app that says so', async () => {
    const { visit, run } = await launch('standalone', 'Patient', (page) =>
      page.getByRole('button', { name: 'Deny' }).click(),
    );
    expect(visit.pages.at(-1)).toBe('The launch failed');
    expect(visit.text).toContain('the authorization server answered access_denied');
    expect(visit.text).toContain('Nothing was granted.');
    expect(run.code).toBe(3);
  });

  test('without a running stack the command brings one that a browser reaches', async () => {
    const empty = await mkdtemp(join(tmpdir(), 'smartfhir-browser-'));
    const origin = `http://app.localhost:${await freePort()}`;
    await writeFile(join(empty, 'smartfhir.yaml'), configuration(origin));
    const args = ['launch', 'standalone', '--local', '--headless', '--driver', 'browser', '-o', 'json'];
    const run = await runBin(empty, ...args);
    await rm(empty, { recursive: true, force: true });
    expect(run.code, run.stderr).toBe(0);
    expect(JSON.parse(run.stdout)).toMatchObject({ summary: { fail: 0, error: 0, warn: 0 } });
  });
});

/** The laptop's stack with an app that listens where nobody else does, and whose users Entra asks for consent. */
function configuration(origin: string): string {
  const uris = `redirectUris: ["${origin}/callback"], origins: ["${origin}"]`;
  return `version: 1
name: smart-demo
data: { classification: synthetic }
environments:
  local:
    target: embedded
    data: { classification: synthetic, seed: demo }
    clients:
      patient-confidential: { consent: user, ${uris} }
      ehr-practitioner: { consent: user, ${uris}, launchUris: ["${origin}/launch"] }
`;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });
}

interface Visit {
  /** Titles in order, the same page once. */
  readonly pages: string[];
  /** What the last page says. */
  text: string;
}

/** `smartfhir launch` with a person at a browser. */
async function launch(kind: 'standalone' | 'ehr', type: string, choose: (page: Page) => Promise<void>) {
  const command = startBin(project, ['launch', kind, '--local', '--no-open', '-o', 'json']);
  const context = await browser.newContext();
  try {
    const page = await context.newPage();
    const blocked: string[] = [];
    page.on('console', (message) => {
      if (/content security policy/i.test(message.text())) blocked.push(message.text());
    });
    const user = users.find(({ fhirUser }) => fhirUser.includes(`/${type}/`));
    if (user === undefined) throw new Error(`no user is a ${type}`);
    const visit = await walk(page, command, kind, user, choose);
    expect(blocked).toEqual([]);
    const run = await command.ended;
    return { visit, run, document: JSON.parse(run.stdout) as ResultDocument };
  } finally {
    await context.close();
  }
}

async function walk(
  page: Page,
  command: RunningBin,
  kind: string,
  user: User,
  choose: (page: Page) => Promise<void>,
): Promise<Visit> {
  const visit: Visit = { pages: [], text: '' };
  const start = await command.waitFor(/open\s+(http\S+)/);
  expect(new URL(start).hostname).toBe('app.localhost');
  expect(await command.waitFor(/sign in as (\S+) {3}password \S+/)).toBe(user.username);
  await page.goto(start);
  for (let step = 0; step < 8; step += 1) {
    const title = await page.title();
    visit.pages.push(title);
    await inspect(page, `${kind}-${visit.pages.length}-${title.toLowerCase().replaceAll(' ', '-')}`);
    if (new URL(page.url()).hostname === 'app.localhost') break;
    const loaded = page.waitForEvent('load');
    if (title === 'Sign in to your account') await signIn(page, user);
    else if (title === 'Permissions requested') await page.getByRole('button', { name: 'Accept' }).click();
    else await choose(page);
    await loaded;
  }
  visit.text = await seen(page);
  return visit;
}

/** By keyboard alone: the fields follow one another, and Enter sends. */
async function signIn(page: Page, user: User): Promise<void> {
  await page.getByLabel('Email, phone, or Skype').focus();
  await page.keyboard.insertText(user.username);
  await page.keyboard.press('Tab');
  await page.keyboard.insertText(user.password);
  await page.keyboard.press('Enter');
}

/** The text of the page as it is laid out. */
async function seen(page: Page): Promise<string> {
  return (await page.locator('body').allInnerTexts()).join('\n');
}

/** What must hold of every page: language, one heading, labels, no sideways scrolling on a phone. */
async function inspect(page: Page, name: string): Promise<void> {
  expect(await page.locator('html').getAttribute('lang')).toBe('en');
  expect(await page.locator('h1').count(), name).toBe(1);
  for (const field of await page.locator('input:not([type=hidden])').all()) {
    const labels = await field.evaluate((input) => (input as unknown as { labels: unknown[] }).labels.length);
    expect(labels, name).toBeGreaterThan(0);
  }
  for (const size of SIZES) {
    await page.setViewportSize(size);
    const width = await page.evaluate('document.documentElement.scrollWidth');
    expect(width, `${name} at ${size.width}`).toBeLessThanOrEqual(size.width);
    if (PICTURES === undefined) continue;
    await mkdir(PICTURES, { recursive: true });
    await page.screenshot({ path: join(PICTURES, `${name}-${size.width}.png`), fullPage: true });
  }
}

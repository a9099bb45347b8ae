import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { findBrowser } from '../../src/smart/app/browser.ts';
import { runCli } from '../support/run-cli.ts';

const browser = findBrowser(process.env);
const ci = (process.env['CI'] ?? '') !== '';
if (browser === undefined && !ci) console.log('no Chromium here: the browser launch is skipped');

test.skipIf(browser === undefined && !ci).each(['standalone'])(
  'a %s launch in headless Chromium: sign-in, scope choice, consent and back to the sample app',
  async (kind) => {
    const folder = await mkdtemp(join(tmpdir(), 'smartfhir-browser-'));
    try {
      const argv = ['launch', kind, '--local', '--headless', '--driver', 'browser', '-o', 'json'];
      const { code, stdout, stderr } = await runCli(argv, { cwd: folder });
      expect(code, `${stderr}\n${stdout.slice(0, 2000)}`).toBe(0);
      const document = JSON.parse(stdout) as {
        results: { id: string; outcome: string }[];
        launch: { context: object };
      };
      expect(document.results.find((step) => step.id === 'launch/user')?.outcome).toBe('pass');
      expect(document.launch.context).toMatchObject({ patient: 'patient-a' });
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  },
);

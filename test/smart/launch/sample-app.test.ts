import { describe, expect, test } from 'vitest';
import { systemClock } from '../../../src/core/clock.ts';
import type { LaunchDocument } from '../../../src/smart/launch/app-launch.ts';
import { SampleApp } from '../../../src/smart/launch/sample-app.ts';
import { Sequence } from '../../../src/smart/launch/sequence.ts';

const ISS = 'https://fhir.example.org/r4';
const AUTHORIZE = 'https://auth.example.org/authorize?client_id=x';

function app(launch?: string): SampleApp {
  const made = new SampleApp({ redirectUri: 'http://app.localhost:8620/callback', fhirUrl: ISS });
  made.prepare({ url: AUTHORIZE }, launch);
  return made;
}

const get = (target: SampleApp, path: string): Promise<Response> =>
  target.fetch(new Request(`http://app.localhost:8620${path}`));

function document(): LaunchDocument {
  const sequence = new Sequence({
    profile: { fhirUrl: ISS, clients: {}, users: {}, patients: [] },
    fetch: async () => new Response(''),
    clock: systemClock,
    version: '0',
    signal: new AbortController().signal,
  });
  return sequence.document({
    asked: { scope: 'openid patient/Patient.rs <b>' },
    granted: { scope: 'openid' },
    context: { patient: '<script>alert(1)</script>' },
    reads: [{ path: 'Patient/1', status: 200, rows: 1 }],
  });
}

describe('the sample app', () => {
  test('starts by itself, or by the EHR it expects', async () => {
    expect((await get(app(), '/')).headers.get('location')).toBe(AUTHORIZE);
    expect(
      (await get(app('h'), `/launch?iss=${encodeURIComponent(ISS)}&launch=h`)).headers.get('location'),
    ).toBe(AUTHORIZE);
  });

  test.each([
    ['a foreign iss', `/launch?iss=${encodeURIComponent('https://evil.example')}&launch=h`, 400],
    ['another launch', `/launch?iss=${encodeURIComponent(ISS)}&launch=other`, 400],
    ['no iss', '/launch?launch=h', 400],
    ['two launches', `/launch?iss=${encodeURIComponent(ISS)}&launch=h&launch=i`, 400],
    ['a start without the EHR', '/', 409],
    ['another page', '/admin', 404],
  ])('refuses %s', async (_, path, status) => {
    const answer = await get(app('h'), path);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-security-policy')).toMatch(
      /default-src 'none'.*frame-ancestors 'none'/,
    );
  });

  test('receives one callback, and shows what was asked, given and readable, escaped', async () => {
    const made = app();
    const shown = get(made, '/callback?code=c&state=s');
    expect(await made.callback()).toBe('http://app.localhost:8620/callback?code=c&state=s');
    made.show(document());
    const html = await (await shown).text();
    expect(html).toContain('<li class="refused">patient/Patient.rs</li>');
    expect(html).toContain('Patient/1');
    expect(html).not.toMatch(/<script>|<b>/);
    expect((await get(made, '/callback?code=again')).status).toBe(409);
  });
});

import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest';
import { checks } from '../../src/checks/index.ts';
import { type DoctorDocument, judgeAgain, readDocument, runChecks } from '../../src/checks/runner.ts';
import { selectChecks } from '../../src/checks/select.ts';
import { systemClock } from '../../src/core/clock.ts';
import { profileSecrets } from '../../src/smart/server-profile.ts';
import { type ProvisionedStack, restoreStack } from '../support/provisioned-stack.ts';

let stack: ProvisionedStack;
let document: DoctorDocument;
const carried: string[] = [];

beforeAll(async () => {
  stack = await restoreStack(inject('snapshot'));
  const { profile, cloud } = stack;
  document = await runChecks({
    checks,
    profile,
    clock: systemClock,
    version: '0.0.0',
    fetch: async (request) => {
      const bearer = /^Bearer (\S+)$/.exec(request.headers.get('authorization') ?? '')?.[1];
      if (bearer !== undefined) carried.push(bearer);
      return await cloud.fetch(request);
    },
  });
});
afterAll(async () => await stack?.close());

describe('doctor on the provisioned stack', () => {
  test('judges every check, and nothing is red', () => {
    expect(document.results.map((result) => result.id)).toEqual(checks.map((check) => check.meta.id));
    const odd = document.results.filter((result) => result.outcome !== 'pass' && result.outcome !== 'na');
    expect(odd.map(({ id, outcome, message }) => ({ id, outcome, message }))).toEqual([]);
    expect(document.incomplete).toBe(false);
  });

  test('keeps the evidence from which the same verdicts follow', () => {
    const kept = readDocument(JSON.parse(JSON.stringify(document)));
    expect(judgeAgain(kept, checks).results).toEqual(document.results);
  });

  test('writes no secret of the profile and no token it carried', () => {
    const text = JSON.stringify(document);
    const planted = [...profileSecrets(stack.profile), ...carried.filter((token) => token.length > 40)];
    expect(planted.length).toBeGreaterThan(20);
    const found = planted.filter(
      (secret) => text.includes(secret) || text.includes(encodeURIComponent(secret)),
    );
    expect(found).toEqual([]);
  });

  test('numbers exchanges without gaps, and results refer to existing ones', () => {
    expect(document.exchanges.map(({ n }) => n)).toEqual(document.exchanges.map((_, index) => index + 1));
    const numbers = new Set(document.exchanges.map(({ n }) => n));
    const dangling = document.results.flatMap((result) => result.exchanges).filter((n) => !numbers.has(n));
    expect(dangling).toEqual([]);
  });

  test('records health data as shapes only', () => {
    const bodies = document.exchanges.flatMap(({ response }) => response?.body ?? []);
    const patients = bodies.filter((body) => body.includes('"resourceType":"Patient"'));
    expect(patients.length).toBeGreaterThan(0);
    expect(patients.filter((body) => /birthDate|"family"|"line"/.test(body))).toEqual([]);
  });
});

describe('a server of which only the URL is known', () => {
  test('gets the anonymous checks; all others say what they need', async () => {
    const result = await runChecks({
      checks,
      profile: { fhirUrl: stack.profile.fhirUrl, clients: {}, users: {}, patients: [] },
      fetch: stack.cloud.fetch,
      clock: systemClock,
      version: '0.0.0',
    });
    const outcomes = new Map(result.results.map((item) => [item.id, item]));
    for (const id of [
      'discovery/served',
      'fhir/token-required',
      'cors/metadata',
      'oidc/keys-published',
      'security/error-page',
    ]) {
      expect(outcomes.get(id)?.outcome, id).toBe('pass');
    }
    expect(outcomes.get('token/exchange')).toMatchObject({
      outcome: 'skip',
      message: expect.stringMatching(/^needs a client/),
    });
    expect(outcomes.get('bulk/manifest')).toMatchObject({
      outcome: 'skip',
      message: expect.stringMatching(/Group|backend/),
    });
    expect(result.results.filter((item) => item.outcome === 'fail' || item.outcome === 'error')).toEqual([]);
    expect(result.exchanges.every(({ request }) => ['GET', 'POST', 'OPTIONS'].includes(request.method))).toBe(
      true,
    );
  });
});

describe('choosing checks', () => {
  const ids = (only: string[], skip: string[] = []): string[] =>
    selectChecks(checks, { only, skip }).map((check) => check.meta.id);

  test('by id, by group, by pattern', () => {
    expect(ids(['discovery/pkce-s256'])).toEqual(['discovery/pkce-s256']);
    expect(ids(['cors']).length).toBe(7);
    expect(ids(['*/no-store'])).toEqual(['token/no-store', 'refresh/no-store']);
    expect(ids(['tls'], ['tls/old-versions'])).toEqual(['tls/https-endpoints', 'tls/modern']);
  });

  test('in the order of the registry, whatever the order asked for', () => {
    expect(ids(['tls', 'discovery/served'])[0]).toBe('discovery/served');
  });

  test('refuses a pattern that fits nothing', () => {
    expect(() => ids(['discovery/pkce-s265'])).toThrow(/no check is named/);
    expect(() => ids(['disc'])).toThrow(/no check is named/);
  });
});

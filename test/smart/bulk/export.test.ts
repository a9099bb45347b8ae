import { describe, expect, test } from 'vitest';
import { manualClock } from '../../../src/core/clock.ts';
import { manifestOf, pollStatus, retryAfterMs, statusUrlOf } from '../../../src/smart/bulk/export.ts';
import { wireTo } from '../wire.ts';

const STATUS = 'https://fhir.example.org/status/1';
const T0 = Date.parse('2026-11-24T12:00:00Z');

describe('polling an export', () => {
  async function poll(answers: (() => Response)[], budgetMs = 60_000) {
    const clock = manualClock(T0);
    let asked = 0;
    const { wire } = wireTo(async () => {
      const answer = answers[Math.min(asked, answers.length - 1)];
      asked += 1;
      return answer?.() ?? new Response(null, { status: 500 });
    });
    const answer = await pollStatus({ wire, clock, accessToken: 't' }, STATUS, { budgetMs });
    return { answer, waited: clock.now() - T0, asked };
  }
  const running = (retryAfter?: string) => (): Response =>
    new Response(null, {
      status: 202,
      headers: retryAfter === undefined ? {} : { 'retry-after': retryAfter },
    });
  const done = (): Response => Response.json({ output: [] });

  test('waits what Retry-After says, in seconds or as a date', async () => {
    expect(await poll([running('7'), running(new Date(T0 + 12_000).toUTCString()), done])).toMatchObject({
      waited: 12_000,
      asked: 3,
    });
  });

  test('backs off by itself: 1, 2, 4 seconds', async () => {
    expect(await poll([running(), running(), running(), done])).toMatchObject({ waited: 7000 });
  });

  test('also after 429, and ends at any other status', async () => {
    const busy = (): Response => new Response(null, { status: 429, headers: { 'retry-after': '3' } });
    expect(await poll([busy, done])).toMatchObject({ waited: 3000 });
    expect((await poll([() => new Response(null, { status: 500 })])).answer.status).toBe(500);
  });

  test.each([
    ['an hour', '3600'],
    ['for ever', '1'],
  ])('ends within its budget when told to wait %s', async (_, retryAfter) => {
    await expect(poll([running(retryAfter)], 10_000)).rejects.toMatchObject({ code: 'TIMEOUT' });
  });
});

test('Retry-After that cannot be read is no Retry-After', () => {
  expect(retryAfterMs(new Headers({ 'retry-after': 'soon' }), T0)).toBeUndefined();
  expect(retryAfterMs(new Headers({ 'retry-after': '-5' }), T0)).not.toBe(-5000);
});

test('a status URL may be relative, but must be there', async () => {
  const { wire } = wireTo(
    async () => new Response(null, { status: 202, headers: { 'content-location': '/status/9' } }),
  );
  expect(statusUrlOf(await wire.send({ url: 'https://fhir.example.org/Group/1/$export' }))).toBe(
    'https://fhir.example.org/status/9',
  );
  const { wire: refusing } = wireTo(async () => new Response('no', { status: 403 }));
  const refused = await refusing.send({ url: STATUS });
  expect(() => statusUrlOf(refused)).toThrow(/did not accept/);
});

test('a manifest keeps only files it could fetch', async () => {
  const body = {
    requiresAccessToken: 'true',
    output: [
      { type: 'Patient', url: '/relative' },
      { type: 'Patient', url: 'https://x.example/1' },
      { url: 'https://x.example/2' },
      7,
    ],
  };
  const { wire } = wireTo(async () => Response.json(body));
  const manifest = manifestOf(await wire.send({ url: STATUS }));
  expect(manifest).toMatchObject({
    requiresAccessToken: false,
    output: [{ type: 'Patient', url: 'https://x.example/1' }],
  });
});

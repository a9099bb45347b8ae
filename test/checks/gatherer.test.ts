import { describe, expect, test } from 'vitest';
import { defineCheck, pass } from '../../src/checks/check.ts';
import {
  defineEvidence,
  type Evidence,
  required,
  Unavailable,
  unavailable,
} from '../../src/checks/evidence/evidence.ts';
import { Gatherer } from '../../src/checks/gatherer.ts';
import { evidenceOf, judgeAgain, readDocument, runChecks } from '../../src/checks/runner.ts';
import { manualClock } from '../../src/core/clock.ts';
import { SmartfhirError } from '../../src/core/errors.ts';
import { Redactor } from '../../src/core/redact.ts';
import { Recorder } from '../../src/smart/recorder.ts';
import type { ServerProfile } from '../../src/smart/server-profile.ts';

const PROFILE: ServerProfile = {
  fhirUrl: 'https://fhir.example.org/r4',
  clients: {
    app: { kind: 'secret', launch: 'standalone', clientId: 'app', scopes: [], secret: 'planted-secret' },
  },
  users: {},
  patients: [],
};

type Any = Evidence<unknown, unknown>;
const evidence = (id: string, gather: Any['gather']): Any => defineEvidence({ id, gather });
const facts = (value: unknown, live?: unknown) => ({ facts: value, live });

function gathererOf(signal: AbortSignal = new AbortController().signal) {
  const clock = manualClock(0);
  const redactor = new Redactor();
  redactor.addSecret('planted-secret');
  const fetch = async (request: Request): Promise<Response> => new Response(request.url);
  const recorder = new Recorder({ fetch, redactor, clock, concurrency: 2 });
  return { gatherer: new Gatherer({ profile: PROFILE, recorder, redactor, clock, signal }), recorder };
}

describe('gathering', () => {
  test('happens once, however many ask, and at the same time', async () => {
    let times = 0;
    const base = evidence('base', async () => {
      times += 1;
      return facts({ n: times }, 'live');
    });
    const users = ['a', 'b', 'c'].map((id) => evidence(id, async (probe) => facts(await probe.use(base))));
    const { gatherer } = gathererOf();
    const kept = await Promise.all([...users, base, base].map((item) => gatherer.keep(item)));
    expect(times).toBe(1);
    expect(kept[0]).toEqual({ state: 'gathered', facts: 'live' });
    expect(kept[4]).toEqual({ state: 'gathered', facts: { n: 1 } });
    expect(gatherer.uses.get('b')).toEqual(new Set(['base']));
  });

  test('keeps facts as JSON without secrets; what is live never shows', async () => {
    const made = evidence('made', async () =>
      facts(
        { text: 'is planted-secret', access_token: 'by-its-key', gone: undefined, at: new Date(0) },
        'live-value',
      ),
    );
    const kept = await gathererOf().gatherer.keep(made);
    expect(JSON.stringify(kept)).not.toMatch(/planted-secret|by-its-key|live-value|gone/);
    expect(kept).toMatchObject({ facts: { at: '1970-01-01T00:00:00.000Z' } });
  });

  test('records requests under the evidence that made them', async () => {
    const { gatherer, recorder } = gathererOf();
    const made = evidence('made', async ({ wire }) =>
      facts((await wire.send({ url: 'https://x.example/1' })).at),
    );
    expect(await gatherer.keep(made)).toEqual({ state: 'gathered', facts: 'made#0' });
    expect([...recorder.exchanges([]).numbers]).toEqual([['made#0', 1]]);
  });
});

describe('what could not be gathered', () => {
  const users = (base: Any) =>
    evidence('user', async (probe) => {
      await probe.use(base);
      return facts('never');
    });
  const keep = (item: Any, signal?: AbortSignal) => gathererOf(signal).gatherer.keep(item);

  test.each(['skip', 'na'] as const)('is %s for itself and for all that is built on it', async (outcome) => {
    const base = evidence('base', async () => {
      throw new Unavailable(outcome, 'no client');
    });
    const expected = { state: 'unavailable', outcome, reason: 'no client' };
    expect(await keep(base)).toEqual(expected);
    expect(await keep(users(users(base)))).toEqual(expected);
  });

  test('is an error where it broke, and a skip for what lost its basis', async () => {
    const base = evidence('base', async () => {
      throw new SmartfhirError('UNREACHABLE', 'no answer', { why: 'dns' });
    });
    expect(await keep(base)).toEqual({
      state: 'unavailable',
      outcome: 'error',
      reason: 'UNREACHABLE: no answer (dns)',
    });
    expect(await keep(users(base))).toEqual({
      state: 'unavailable',
      outcome: 'skip',
      reason: 'what it builds on could not be gathered: no answer',
    });
  });

  test('never tells a secret or the code of a URL', async () => {
    const base = evidence('base', async () => {
      throw new Error('planted-secret at https://x.example/cb?code=SplxlOBeZQ');
    });
    const text = JSON.stringify([await keep(base), await keep(users(base))]);
    expect(text).not.toMatch(/planted-secret|SplxlOBeZQ/);
    expect(text).toContain('https://x.example/cb?code=');
  });

  test('after a stop is not the fault of the server', async () => {
    const base = evidence('base', async () => {
      throw new Unavailable('skip', 'a reason that is only a consequence');
    });
    expect(await keep(base, AbortSignal.abort(new Error('stop')))).toMatchObject({
      outcome: 'error',
      reason: expect.stringContaining('stopped'),
    });
  });

  test('what is required is there, or unavailable with the reason', () => {
    expect(required(0, 'x')).toBe(0);
    expect(() => required(undefined, 'no value')).toThrow(new Unavailable('skip', 'no value'));
    expect(() => unavailable('because')).toThrow(
      expect.objectContaining({ outcome: 'skip', message: 'because' }),
    );
  });
});

describe('a run', () => {
  const check = (id: string, item: Any) =>
    defineCheck({
      meta: {
        ...{ id, title: id, severity: 'error', specs: [], requirements: [], inferno: [], fix: 'f' },
        needs: { item },
      },
      judge: () => pass(),
    });
  const run = (
    items: Any[],
    more: { signal?: AbortSignal; fetch?: (request: Request) => Promise<Response> } = {},
  ) =>
    runChecks({
      checks: items.map((item, n) => check(`g/${n}`, item)),
      profile: PROFILE,
      fetch: async () => new Response('{}'),
      clock: manualClock(Date.parse('2026-11-24T12:00:00Z')),
      version: '1.2.3',
      ...more,
    });
  const echo = (id: string, url: string) =>
    evidence(id, async ({ wire }) => facts({ text: (await wire.send({ url })).text }));

  test('tells its progress, evidence by evidence, each once', async () => {
    const one = echo('one', 'https://x.example/1');
    const told: string[] = [];
    await runChecks({
      checks: [check('g/a', one), check('g/b', one), check('g/c', echo('two', 'https://x.example/2'))],
      profile: PROFILE,
      fetch: async () => new Response('{}'),
      clock: manualClock(0),
      version: '',
      onEvidence: (id, done, total) => told.push(`${id} ${done}/${total}`),
    });
    expect(told.map((line) => line.replace(/^\w+ /, ''))).toEqual(['1/2', '2/2']);
    expect(evidenceOf([check('g/a', one), check('g/b', one)]).map(({ id }) => id)).toEqual(['one']);
  });

  test('an echo of the client’s secret is in no part of the document', async () => {
    const encoded = `raw planted-secret, ${encodeURIComponent('planted-secret')}, ${btoa('planted-secret')}`;
    const document = await run([echo('one', 'https://x.example/?q=planted-secret')], {
      fetch: async () => new Response(encoded, { headers: { 'x-echo': 'planted-secret' } }),
    });
    expect(JSON.stringify(document)).not.toMatch(/planted-secret|cGxhbnRlZC1zZWNyZXQ/);
    expect(document.exchanges).toHaveLength(1);
  });

  test('a secret that is met late is taken out of what was recorded early', async () => {
    const early = evidence('early', async ({ wire }) =>
      facts((await wire.send({ url: 'https://x.example/' })).text),
    );
    const late = evidence('late', async (probe) => {
      await probe.use(early);
      probe.wire.redactor.addSecret('late-secret-value');
      return facts('done');
    });
    const document = await run([early, late], {
      fetch: async () => new Response('has late-secret-value in it'),
    });
    expect(JSON.stringify(document)).not.toContain('late-secret-value');
    expect(document.results.map(({ outcome }) => outcome)).toEqual(['pass', 'pass']);
  });

  test('with an error is incomplete; with skips it is not', async () => {
    const failing = (error: Error) =>
      evidence('bad', async () => {
        throw error;
      });
    expect((await run([failing(new Error('x'))])).incomplete).toBe(true);
    expect((await run([failing(new Unavailable('skip', 'x'))])).incomplete).toBe(false);
  });

  test('that was stopped is incomplete, whatever was judged', async () => {
    const signal = AbortSignal.abort(new Error('stop'));
    const document = await run([evidence('one', async () => facts(1))], { signal });
    expect([document.incomplete, document.results[0]?.outcome]).toEqual([true, 'pass']);
  });

  test('is judged again alike from its text, by whatever checks are chosen then', async () => {
    const one = echo('one', 'https://x.example/1');
    const document = await run([one]);
    const kept = readDocument(JSON.parse(JSON.stringify(document)));
    const again = judgeAgain(kept, [
      check('g/0', one),
      check(
        'g/new',
        evidence('two', async () => facts(2)),
      ),
    ]);
    expect(again.results.map(({ id, outcome }) => `${id} ${outcome}`)).toEqual(['g/0 pass', 'g/new skip']);
    expect(again.summary).toMatchObject({ total: 2, pass: 1, skip: 1 });
    expect(again.results[0]?.exchanges).toEqual(document.results[0]?.exchanges);
  });

  const WHOLE = {
    schema: 'smartfhir/result/v1',
    target: { fhirUrl: 'https://fhir.example.org' },
    durationMs: 1,
    exchanges: [],
    references: { 'one#0': 1 },
    evidence: { one: { state: 'gathered', facts: null } },
  };
  test.each<[string, unknown]>([
    ['nothing', null],
    ['a list', []],
    ['a plan', { ...WHOLE, schema: 'smartfhir/plan/v1' }],
    ['a launch, which has no evidence', { ...WHOLE, evidence: undefined }],
    ['evidence of text', { ...WHOLE, evidence: 'x' }],
    ['evidence that is cut out', { ...WHOLE, evidence: { one: null } }],
    ['evidence without facts', { ...WHOLE, evidence: { one: { state: 'gathered' } } }],
    [
      'an outcome nobody knows',
      { ...WHOLE, evidence: { one: { state: 'unavailable', outcome: 'pass', reason: '' } } },
    ],
    ['a reason that is none', { ...WHOLE, evidence: { one: { state: 'unavailable', outcome: 'skip' } } }],
    ['no references', { ...WHOLE, references: undefined }],
    ['references to text', { ...WHOLE, references: { 'one#0': '1' } }],
    ['no target', { ...WHOLE, target: {} }],
    ['no exchanges', { ...WHOLE, exchanges: {} }],
    ['no duration', { ...WHOLE, durationMs: 'long' }],
  ])('is not read from %s', (_, value) => {
    expect(readDocument(WHOLE)).toBe(WHOLE);
    expect(() => readDocument(value)).toThrow(expect.objectContaining({ code: 'USAGE' }));
  });

  test('facts of another shape than a check expects are an error of that check alone', async () => {
    const one = echo('one', 'https://x.example/1');
    const strict = defineCheck({
      ...check('g/0', one),
      judge: ({ item }) => pass(String((item as { deep: { text: string } }).deep.text)),
    });
    const { results } = judgeAgain(readDocument(WHOLE), [strict, check('g/1', one)]);
    expect(results.map(({ outcome }) => outcome)).toEqual(['error', 'pass']);
  });
});

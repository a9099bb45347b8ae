import { describe, expect, test } from 'vitest';
import { manualClock } from '../../../src/core/clock.ts';
import { SmartfhirError } from '../../../src/core/errors.ts';
import { Stop } from '../../../src/core/io.ts';
import { tokenSet } from '../../../src/smart/app/token.ts';
import { createLaunch, launchUrl } from '../../../src/smart/ehr/create-launch.ts';
import { chooseClient, chooseUser } from '../../../src/smart/launch/choose.ts';
import { readAll } from '../../../src/smart/launch/reads.ts';
import { Sequence } from '../../../src/smart/launch/sequence.ts';
import type { ProfileClient, ServerProfile } from '../../../src/smart/server-profile.ts';
import { wireTo } from '../wire.ts';

const BASE = 'https://fhir.example.org/r4';
const client = (launch: ProfileClient['launch'], more: Partial<ProfileClient> = {}): ProfileClient => ({
  kind: 'public',
  launch,
  clientId: `id-${launch}`,
  scopes: [],
  ...more,
});
const profile = (more: Partial<ServerProfile> = {}): ServerProfile => ({
  fhirUrl: `${BASE}/`,
  clients: {},
  users: {},
  patients: [],
  ...more,
});

describe('a sequence of steps', () => {
  function sequence(more: { fetch?: () => Promise<Response>; signal?: AbortSignal } = {}) {
    const clock = manualClock(Date.parse('2026-11-24T12:00:00Z'));
    const made = new Sequence({
      profile: profile({ users: { u: { username: 'ana', password: 'planted-password' } } }),
      fetch: more.fetch ?? (async () => new Response('{}')),
      clock,
      version: '1.2.3',
      signal: more.signal ?? new AbortController().signal,
    });
    const document = () => made.document({ asked: {}, granted: {}, context: {}, reads: [] });
    return { made, clock, document };
  }

  test('tells what passed, what was found, and which exchanges belong to it', async () => {
    const { made, clock, document } = sequence();
    const value = await made.step('launch/one', 'first', async (wire) => {
      await wire.send({ url: `${BASE}/a` });
      clock.advance(250);
      await wire.send({ url: `${BASE}/b` });
      return { value: 7, message: 'fine', fix: 'not shown when it passed' };
    });
    await made.step('launch/two', 'second', async (wire) => {
      await wire.send({ url: `${BASE}/c` });
      return { value: undefined, message: 'odd', warn: true, fix: 'mend it' };
    });
    expect([value, made.ended]).toEqual([7, false]);
    expect(document()).toMatchObject({
      durationMs: 250,
      startedAt: '2026-11-24T12:00:00.000Z',
      incomplete: false,
      tool: { version: '1.2.3' },
      summary: { total: 2, pass: 1, warn: 1 },
      results: [
        { id: 'launch/one', title: 'first', outcome: 'pass', message: 'fine', fix: null, exchanges: [1, 2] },
        { id: 'launch/two', outcome: 'warn', message: 'odd', fix: 'mend it', exchanges: [3] },
      ],
    });
  });

  test('skips everything after a failure, and names it', async () => {
    const { made, document } = sequence();
    let ran = false;
    await made.step('launch/one', 'first', async () => {
      throw new SmartfhirError('RESPONSE_INVALID', 'it lied', { why: 'because', fix: 'do not' });
    });
    await made.step('launch/two', 'second', async () => {
      ran = true;
      return { value: 1 };
    });
    expect([ran, made.ended]).toEqual([false, true]);
    expect(document().results).toMatchObject([
      { outcome: 'fail', message: 'it lied (because)', fix: 'do not' },
      { outcome: 'skip', message: 'after launch/one' },
    ]);
  });

  test.each([
    ['nobody answers', async () => Promise.reject(new TypeError('fetch failed')), 'error', true],
    ['the answer is no JSON', async () => new Response('x'), 'fail', false],
  ] as const)('when %s the step is %s', async (_, fetch, outcome, incomplete) => {
    const { made, document } = sequence({ fetch });
    await made.step('launch/one', 'first', async (wire) => {
      const answer = await wire.send({ url: BASE });
      throw new SmartfhirError('RESPONSE_INVALID', `no JSON: ${answer.text}`);
    });
    expect(document()).toMatchObject({ incomplete, results: [{ outcome }] });
  });

  test('a stop is no failure of the server', async () => {
    const stop = new Stop('interrupt');
    const { made } = sequence({ signal: AbortSignal.abort(stop) });
    await expect(
      made.step('launch/one', 'first', async (wire) => ({ value: await wire.send({ url: BASE }) })),
    ).rejects.toBe(stop);
  });

  test('a defect of ours is not blamed on the server', async () => {
    const { made } = sequence();
    await expect(
      made.step('launch/one', 'first', async () => {
        throw new TypeError('x is undefined');
      }),
    ).rejects.toThrow('x is undefined');
  });

  test('what a step says holds no secret and no second line', async () => {
    const { made, document } = sequence();
    await made.step('launch/one', 'first', async () => ({
      value: 1,
      message: 'planted-password\nat https://a.example/cb?code=SplxlOBeZQ',
    }));
    const [result] = document().results;
    expect(result?.message).toMatch(/^‹secret \w{6}› at https:\/\/a\.example\/cb\?code=‹code \w{6}›$/);
  });
});

describe('choosing who takes part', () => {
  const world = profile({
    clients: { web: client('standalone'), second: client('standalone'), clinic: client('ehr') },
    users: {
      doc: { username: 'doc@x', password: 'p', fhirUser: `${BASE}/Practitioner/1` },
      ana: { username: 'ana@x', password: 'p', fhirUser: 'Patient/1' },
    },
  });

  test('a client: the first that fits, or the one that is named by name or id', () => {
    expect(chooseClient(world, 'standalone', undefined).name).toBe('web');
    expect(chooseClient(world, 'standalone', 'second').name).toBe('second');
    expect(chooseClient(world, 'standalone', 'id-ehr').name).toBe('clinic');
  });

  test('a user: the patient for a standalone launch, the practitioner for one from an EHR', () => {
    expect(chooseUser(world, 'standalone', undefined)?.username).toBe('ana@x');
    expect(chooseUser(world, 'ehr', undefined)?.username).toBe('doc@x');
    expect(chooseUser(world, 'ehr', 'ana')?.username).toBe('ana@x');
    expect(chooseUser(world, 'ehr', 'ana@x')?.username).toBe('ana@x');
    expect(chooseUser(profile(), 'ehr', undefined)).toBeUndefined();
  });

  test.each([
    [
      () => chooseClient(world, 'backend', undefined),
      'no client with launch: backend',
      /web, second, clinic/,
    ],
    [() => chooseClient(world, 'ehr', 'toString'), 'no client "toString"', /web/],
    [() => chooseClient(profile(), 'ehr', undefined), 'no client with launch: ehr', /no clients/],
    [() => chooseUser(world, 'ehr', 'constructor'), 'no user "constructor"', /doc, ana/],
    [() => chooseUser(profile(), 'ehr', 'bob'), 'no user "bob"', /no users/],
  ])('nobody fits: %s', (choose, message, why) => {
    expect(choose).toThrow(
      expect.objectContaining({ code: 'MISSING_INPUT', message, why: expect.stringMatching(why) }),
    );
  });
});

describe('what an app reads with its token', () => {
  async function reads(body: object, answer: (path: string) => object = () => ({ resourceType: 'Bundle' })) {
    const carried = new Set<string | null>();
    const asked: string[] = [];
    const { wire } = wireTo(async (request) => {
      if (request.method === 'POST') return Response.json({ access_token: 'the-token', ...body });
      carried.add(request.headers.get('authorization'));
      asked.push(request.url);
      return Response.json(answer(request.url));
    });
    const tokens = tokenSet(wire, await wire.send({ method: 'POST', url: 'https://a.example/token' }));
    const list = await readAll(wire, profile(), tokens);
    return { list, asked: asked.map((url) => url.replace(`${BASE}/`, '')), carried: [...carried] };
  }
  const idToken = (fhirUser: string): string =>
    `e30.${Buffer.from(JSON.stringify({ fhirUser })).toString('base64url')}.x`;

  test('is patient and encounter in context, then each granted type, by patient where it can be', async () => {
    const { asked, carried } = await reads({
      patient: 'p1',
      encounter: 'e1',
      scope: 'launch openid patient/Condition.rs patient/Location.rs patient/Goal.r patient/Patient.rs',
    });
    expect(asked).toEqual([
      'Patient/p1',
      'Encounter/e1',
      'Condition?patient=p1&_count=20',
      'Location?_count=20',
    ]);
    expect(carried).toEqual(['Bearer the-token']);
  });

  test('v1 scopes and wildcards are spelled out, each type once', async () => {
    const { asked } = await reads({ patient: 'p1', scope: 'patient/*.read patient/Condition.rs' });
    expect(asked.filter((path) => path.startsWith('Condition?'))).toHaveLength(1);
    expect(asked.length).toBeGreaterThan(8);
  });

  test.each([
    ['another server', 'https://evil.example/Practitioner/1', []],
    ['a base that only begins alike', `${BASE}-evil/Practitioner/1`, []],
    ['this server', `${BASE}/Practitioner/1`, ['Practitioner/1']],
    ['this server, relative', 'Practitioner/1', ['Practitioner/1']],
    ['the patient that was read already', `${BASE}/Patient/p1`, []],
  ])('a fhirUser on %s', async (_, fhirUser, expected) => {
    const { asked } = await reads({ patient: 'p1', scope: 'openid', id_token: idToken(fhirUser) });
    expect(asked).toEqual(['Patient/p1', ...expected]);
  });

  test('counts what came: a resource, the rows of a Bundle, or nothing', async () => {
    const answers: Record<string, object> = {
      'Patient/p1': { resourceType: 'Patient' },
      'Condition?patient=p1&_count=20': { resourceType: 'Bundle', entry: [{}, {}] },
    };
    const { list } = await reads({ patient: 'p1', scope: 'patient/Condition.rs' }, (url) =>
      Object(answers[url.replace(`${BASE}/`, '')]),
    );
    expect(list).toEqual([
      { path: 'Patient/p1', status: 200, rows: 1 },
      { path: 'Condition?patient=p1&_count=20', status: 200, rows: 2 },
    ]);
  });
});

describe('the EHR', () => {
  const ehr = {
    launchUrl: 'https://auth.example.org/launch',
    tokenUrl: 'https://login.example.org/token',
    clientId: 'ehr',
    secret: 'ehr-secret',
    scope: 'api://fhir/.default',
  };

  async function launch(answer: () => Response) {
    const seen: unknown[] = [];
    const { wire } = wireTo(async (request) => {
      const body = await request.text();
      if (request.url === ehr.tokenUrl) {
        seen.push(Object.fromEntries(new URLSearchParams(body)), request.headers.get('authorization'));
        return Response.json({ access_token: 'ehr-token' });
      }
      seen.push(JSON.parse(body), request.headers.get('authorization'));
      return answer();
    });
    const handle = await createLaunch(wire, ehr, { clientId: 'app', patient: 'p1', encounter: 'e1' });
    return { handle, seen, redacted: wire.redactor.text(handle) };
  }

  test('signs in by itself and creates a handle, which is a secret from then on', async () => {
    const { handle, seen, redacted } = await launch(() =>
      Response.json({ launch: 'a-handle' }, { status: 201 }),
    );
    expect(handle).toBe('a-handle');
    expect(redacted).toMatch(/^‹launch/);
    expect(seen).toEqual([
      { grant_type: 'client_credentials', scope: ehr.scope },
      `Basic ${Buffer.from('ehr:ehr-secret').toString('base64')}`,
      { clientId: 'app', patient: 'p1', encounter: 'e1' },
      'Bearer ehr-token',
    ]);
  });

  test.each([
    ['403', () => Response.json({}, { status: 403 }), 'FORBIDDEN'],
    ['401', () => Response.json({}, { status: 401 }), 'FORBIDDEN'],
    ['200 instead of 201', () => Response.json({ launch: 'x' }), 'RESPONSE_INVALID'],
    ['201 without a handle', () => Response.json({ id: 'x' }, { status: 201 }), 'RESPONSE_INVALID'],
    [
      'a reason that the server gives',
      () => Response.json({ error: 'invalid_request', error_description: 'no such client' }, { status: 400 }),
      'OAUTH_REFUSED',
    ],
    ['a handle that is a number', () => Response.json({ launch: 7 }, { status: 201 }), 'RESPONSE_INVALID'],
  ])('takes %s for no launch', async (_, answer, code) => {
    await expect(launch(answer)).rejects.toMatchObject({ code });
  });

  test.each([
    ['https://app.example/launch', 'https://app.example/launch?iss=https%3A%2F%2Ff.example&launch=a%2Bb'],
    [
      'https://app.example/l?x=1#top',
      'https://app.example/l?x=1&iss=https%3A%2F%2Ff.example&launch=a%2Bb#top',
    ],
    ['https://app.example/l?iss=old', 'https://app.example/l?iss=https%3A%2F%2Ff.example&launch=a%2Bb'],
  ])('opens %s with iss and launch', (app, url) => {
    expect(launchUrl(app, 'https://f.example', 'a+b')).toBe(url);
  });
});

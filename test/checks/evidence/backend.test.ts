import { decodeProtectedHeader, exportJWK, generateKeyPair, importJWK, type JWK, jwtVerify } from 'jose';
import { beforeAll, describe, expect, test } from 'vitest';
import { assertionMisuse } from '../../../src/checks/evidence/assertion-misuse.ts';
import { backendRequests, backendSession } from '../../../src/checks/evidence/backend.ts';
import { nobodysAccess } from '../../../src/checks/evidence/bulk-access.ts';
import { exportFiles, exportJob, exportKickOff } from '../../../src/checks/evidence/bulk-export.ts';
import { manualClock } from '../../../src/core/clock.ts';
import { decodeJwt } from '../../../src/smart/jwt.ts';
import { AUTH, BASE, client, json, NOW, profile, type Routes, world } from './fake-smart.ts';

let key: JWK;
beforeAll(async () => {
  key = {
    ...(await exportJWK((await generateKeyPair('ES384', { extractable: true })).privateKey)),
    kid: 'k1',
  };
});

const backendWorld = (routes: Routes = {}, clock = manualClock(NOW)) => {
  const { secret: _, redirectUri: _r, ...bare } = client();
  const batch = {
    ...bare,
    ...{
      kind: 'private_key_jwt' as const,
      launch: 'backend' as const,
      clientId: 'batch',
      scopes: ['system/*.rs'],
    },
    jwks: { keys: [key] },
  };
  return world(routes, profile({ clients: { batch }, group: 'g1' }), clock);
};

describe('a backend client', () => {
  test('asks with a good assertion for what it is registered for', async () => {
    const { asked, facts } = backendWorld();
    expect(await facts(backendSession)).toMatchObject({ asked: 'system/*.rs', registered: ['system/*.rs'] });
    const form = asked.at(-1)?.form;
    expect(form?.get('scope')).toBe('system/*.rs');
    const { d: _, ...published } = key;
    const verified = await jwtVerify(
      form?.get('client_assertion') ?? '',
      await importJWK(published, 'ES384'),
      {
        ...{ audience: `${AUTH}/token`, issuer: 'batch', subject: 'batch', currentDate: new Date(NOW) },
      },
    );
    expect(verified.payload.exp).toBeLessThanOrEqual(NOW / 1000 + 300);
  });

  test('that is refused tries nothing that would have to be refused', async () => {
    const { asked, reason } = backendWorld({
      [`POST ${AUTH}/token`]: json({ error: 'invalid_client' }, 401),
    });
    expect(await reason(backendSession)).toBe(
      'skip: no backend token came: the token endpoint answered 401 invalid_client (backend/token judges that)',
    );
    for (const evidence of [assertionMisuse, backendRequests, exportKickOff])
      expect(await reason(evidence)).toMatch(/^skip: no backend token came/);
    expect(asked.filter(({ method }) => method === 'POST')).toHaveLength(1);
  });

  test('without keys says so', async () => {
    const clients = { b: client({ kind: 'private_key_jwt', launch: 'backend' }) };
    expect(await world({}, { clients }).reason(backendSession)).toBe('skip: client b has no private JWKS');
  });
});

describe('assertions that break one rule', () => {
  interface Sent {
    readonly token: string;
    readonly header: Record<string, unknown>;
    readonly payload: Record<string, unknown>;
    readonly signed: boolean;
  }
  let sent: Sent[];
  beforeAll(async () => {
    const { asked, facts } = backendWorld();
    await facts(assertionMisuse);
    const { d: _, ...published } = key;
    const verifier = await importJWK(published, 'ES384');
    const options = { currentDate: new Date(NOW), clockTolerance: 10 ** 6 };
    sent = await Promise.all(
      asked
        .filter(({ url }) => url.pathname === '/token')
        .map(async ({ form }) => {
          const token = form.get('client_assertion') ?? '';
          const signed = await jwtVerify(token, verifier, options).then(
            () => true,
            () => false,
          );
          return {
            token,
            header: { ...decodeProtectedHeader(token) },
            payload: { ...decodeJwt(token)?.payload },
            signed,
          };
        }),
    );
  });

  const now = NOW / 1000;
  test.each<[string, (sent: Sent) => boolean, number]>([
    [
      'the signature of another key',
      ({ header, signed }) => header['alg'] === 'ES384' && header['kid'] === 'k1' && !signed,
      1,
    ],
    ['no signature', ({ header, token }) => header['alg'] === 'none' && token.endsWith('.'), 1],
    ['a symmetric signature', ({ header }) => header['alg'] === 'HS256', 1],
    ['another issuer', ({ payload }) => payload['iss'] !== 'batch', 1],
    ['another audience', ({ payload }) => payload['aud'] !== `${AUTH}/token`, 1],
    ['an end that is past', ({ payload }) => Number(payload['exp']) < now, 1],
    ['no end', ({ payload }) => payload['exp'] === undefined, 1],
    [
      'an end in more than five minutes, valid now',
      ({ payload }) => Number(payload['exp']) > now + 300 && payload['nbf'] === undefined,
      1,
    ],
    ['a beginning in the future', ({ payload }) => Number(payload['nbf']) > now, 1],
    ['no jti', ({ payload }) => payload['jti'] === undefined, 1],
    [
      'a kid nobody published',
      ({ header, signed }) => header['kid'] !== 'k1' && header['alg'] === 'ES384' && signed,
      1,
    ],
    ['keys at another place', ({ header }) => header['jku'] !== undefined, 1],
  ])('%s', (_, breaks, times) => {
    expect(sent.filter(breaks)).toHaveLength(times);
  });

  test('one good one is sent twice, and no other', () => {
    const tokens = sent.map(({ token }) => token);
    expect(tokens.length - new Set(tokens).size).toBe(1);
    expect(tokens.at(-1)).toBe(tokens.at(-2));
  });
});

describe('an export', () => {
  const STATUS = `${BASE}/jobs/1`;
  const FILES = 'https://files.example.com';
  const accepted = (): Response =>
    new Response(null, { status: 202, headers: { 'content-location': STATUS } });
  const ndjson = (text: string) => () =>
    new Response(text, { headers: { 'content-type': 'application/fhir+ndjson' } });
  const patient = (id: string): string => JSON.stringify({ resourceType: 'Patient', id });

  const exporting = (manifest: object, files: Routes = {}, clock = manualClock(NOW)) =>
    backendWorld(
      {
        [`GET ${BASE}/Group/g1/$export`]: ({ headers }) =>
          headers.has('authorization') ? accepted() : new Response(null, { status: 401 }),
        [`GET ${STATUS}`]: json(manifest),
        ...files,
      },
      clock,
    );
  const manifestOf = (...types: string[]) => ({
    requiresAccessToken: true,
    output: types.map((type) => ({ type, url: `${FILES}/${type}`, count: 2 })),
  });

  test('is asked for by nobody first, then with the token', async () => {
    const { asked, facts } = exporting({});
    expect(await facts(exportKickOff)).toMatchObject({
      ...{ answer: { status: 202 }, withoutToken: { status: 401 }, contentLocation: STATUS },
    });
    expect(
      asked.slice(-2).map(({ headers }) => [headers.get('prefer'), headers.get('authorization')]),
    ).toEqual([
      ['respond-async', null],
      ['respond-async', 'Bearer access-token-1'],
    ]);
  });

  test.each<[string, () => Response, string]>([
    ['refused', () => Response.json({}, { status: 403 }), '403'],
    ['answered at once', () => Response.json({}), '200'],
    ['accepted without a place', () => new Response(null, { status: 202 }), '202 with an empty body'],
  ])('%s leads to no job', async (_, answer, said) => {
    const { reason } = backendWorld({ [`GET ${BASE}/Group/g1/$export`]: answer });
    expect(await reason(exportJob)).toBe(
      `skip: the export was not accepted: ${said} (bulk/kick-off judges that)`,
    );
    expect(await reason(exportFiles)).toMatch(/^skip: the export was not accepted/);
  });

  test.each<[string, string, object]>([
    [
      'whole',
      `${patient('a')}\n${patient('b')}\n`,
      { lines: 2, badLine: null, repeatedIds: 0, patients: ['a', 'b'] },
    ],
    ['without a last line break', `${patient('a')}\n${patient('b')}`, { lines: 2, badLine: null }],
    ['of Windows', `${patient('a')}\r\n${patient('b')}\r\n`, { lines: 2, badLine: null }],
    ['empty', '', { lines: 0, badLine: null }],
    [
      'cut off',
      `${patient('a')}\n{"resourceType":"Pat`,
      { badLine: { number: 2, why: 'the file is cut off within this line' } },
    ],
    [
      'with a broken line',
      `${patient('a')}\nx\n${patient('b')}\n`,
      { lines: 3, badLine: { number: 2, why: 'it is not a JSON object' } },
    ],
    [
      'with an empty line',
      `${patient('a')}\n\n${patient('b')}\n`,
      { badLine: { number: 2, why: 'it is not a JSON object' } },
    ],
    [
      'with another type',
      '{"resourceType":"Group","id":"g"}\n',
      { badLine: { number: 1, why: 'it is a Group' } },
    ],
    ['with an id twice', `${patient('a')}\n${patient('a')}\n`, { repeatedIds: 1, patients: ['a'] }],
  ])('whose file is %s', async (_, text, expected) => {
    const { asked, facts } = exporting(manifestOf('Patient'), { [`GET ${FILES}/Patient`]: ndjson(text) });
    const { files } = await facts(exportFiles);
    expect(files).toMatchObject([{ type: 'Patient', stated: 2, status: 200, truncated: null, ...expected }]);
    expect(asked.at(-1)?.headers.get('authorization')).toBe('Bearer access-token-1');
  });

  test('with open files gets them without its token', async () => {
    const open = { ...manifestOf('Patient'), requiresAccessToken: false };
    const { asked, facts } = exporting(open, { [`GET ${FILES}/Patient`]: ndjson('') });
    await facts(exportFiles);
    expect(asked.at(-1)?.headers.has('authorization')).toBe(false);
  });

  test('with a file beyond the limit tells that it was not read whole; the others are', async () => {
    const { facts } = exporting(manifestOf('Patient', 'Group'), {
      [`GET ${FILES}/Patient`]: () => new Response(new Uint8Array(17 * 1024 * 1024)),
      [`GET ${FILES}/Group`]: ndjson('{"resourceType":"Group","id":"g"}\n'),
    });
    const { files } = await facts(exportFiles);
    expect(files.map(({ truncated, lines }) => [truncated === null, lines])).toEqual([
      [false, 0],
      [true, 1],
    ]);
  });

  test('with more files than anybody would look at reads the first, and counts the rest', async () => {
    const many = Array.from({ length: 70 }, (_, n) => ({ type: 'Patient', url: `${FILES}/${n}` }));
    const { facts } = exporting({ requiresAccessToken: true, output: many });
    const { files, notRead, listed } = await facts(exportFiles);
    expect([files.length, notRead, listed.length]).toEqual([60, 10, 70]);
  });

  test.each([{}, { output: {} }, []])('whose manifest is %j has no files', async (manifest) => {
    expect(await exporting(manifest).reason(exportFiles)).toMatch(/^skip: the manifest could not be read/);
  });

  test('that never ends is given up, by the clock of the run', async () => {
    const clock = manualClock(NOW);
    const running = {
      [`GET ${STATUS}`]: () => new Response(null, { status: 202, headers: { 'retry-after': '60' } }),
    };
    const { reason } = exporting({}, running, clock);
    expect(await reason(exportFiles)).toMatch(
      /^skip: what it builds on could not be gathered: .*did not end within 180 s/,
    );
    expect(clock.now() - NOW).toBeLessThanOrEqual(180_000);
  });

  test('is then asked for by nobody: status, file, deletion', async () => {
    const { asked, facts } = exporting(manifestOf('Patient'), { [`GET ${FILES}/Patient`]: ndjson('') });
    await facts(nobodysAccess);
    expect(
      asked.slice(-3).map(({ method, url, headers }) => [method, url.href, headers.has('authorization')]),
    ).toEqual([
      ['GET', STATUS, false],
      ['GET', `${FILES}/Patient`, false],
      ['DELETE', STATUS, false],
    ]);
  });
});

import { expect, test } from 'vitest';
import { shape } from '../../src/smart/recordable-body.ts';
import { formRequest } from '../../src/smart/recorder.ts';
import { wireTo } from './wire.ts';

test('exchanges are numbered source by source, whatever order they ended in', async () => {
  const { recorder } = wireTo(async (request) => new Response(request.url));
  await recorder.wire('b').send({ url: 'https://x.example/b0' });
  await recorder.wire('a').send({ url: 'https://x.example/a0' });
  await recorder.wire('b').send({ url: 'https://x.example/b1' });
  const { list, numbers } = recorder.exchanges(['a', 'b']);
  expect(list.map((item) => item.request.url)).toEqual([
    'https://x.example/a0',
    'https://x.example/b0',
    'https://x.example/b1',
  ]);
  expect([...numbers]).toEqual([
    ['a#0', 1],
    ['b#0', 2],
    ['b#1', 3],
  ]);
});

test('a failed exchange is recorded with its reason', async () => {
  const { wire, recorder } = wireTo(async () => {
    throw new TypeError('fetch failed', {
      cause: Object.assign(new Error('refused'), { code: 'ECONNREFUSED' }),
    });
  });
  await expect(wire.send({ url: 'https://x.example/' })).rejects.toMatchObject({ code: 'UNREACHABLE' });
  expect(recorder.exchanges([]).list[0]).toMatchObject({
    response: null,
    error: expect.stringContaining('ECONNREFUSED'),
  });
});

test('no more requests are on their way than allowed', async () => {
  let now = 0;
  let most = 0;
  const { wire } = wireTo(async () => {
    now += 1;
    most = Math.max(most, now);
    await Promise.resolve();
    now -= 1;
    return new Response('');
  });
  await Promise.all(Array.from({ length: 20 }, () => wire.send({ url: 'https://x.example/' })));
  expect(most).toBeLessThanOrEqual(4);
});

test('codes, tokens, cookies and passwords become pseudonyms, the same secret the same one', async () => {
  const { wire, recorder } = wireTo(
    async () =>
      new Response(null, {
        status: 302,
        headers: {
          location: 'https://app.example/cb?code=secret-code-1&state=s',
          'set-cookie': 'sid=secret-cookie',
        },
      }),
  );
  await wire.send({
    ...formRequest('https://x.example/login', { username: 'ana', password: 'secret-password' }),
    headers: { cookie: 'sid=secret-cookie', 'content-type': 'application/x-www-form-urlencoded' },
  });
  await wire.send({ url: 'https://app.example/cb?code=secret-code-1' });
  const { list } = recorder.exchanges([]);
  expect(JSON.stringify(list)).not.toMatch(/secret-/);
  const pseudonym = /code=(‹[^›]+›)/.exec(list[0]?.response?.headers['location'] ?? '')?.[1];
  expect(pseudonym).toBeTruthy();
  expect(list[1]?.request.url).toContain(pseudonym);
});

test('people become shapes', () => {
  const patient = { resourceType: 'Patient', id: 'p1', name: [{ family: 'Doe' }], birthDate: '1970-01-01' };
  expect(shape(patient)).toEqual({ resourceType: 'Patient', id: 'p1', '…': '2 members' });
  const bundle = { resourceType: 'Bundle', type: 'searchset', entry: [{ fullUrl: 'u', resource: patient }] };
  expect(JSON.stringify(shape(bundle))).not.toMatch(/Doe|1970/);
});

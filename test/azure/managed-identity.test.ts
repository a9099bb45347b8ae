import { expect, test } from 'vitest';
import { createManagedIdentity } from '../../src/azure/managed-identity.ts';
import { HOUR, manualClock } from '../../src/core/clock.ts';

function create(answer: (url: URL) => Response) {
  const clock = manualClock(Date.parse('2026-11-24T20:00:00Z'));
  const asked: Request[] = [];
  const identity = createManagedIdentity({
    endpoint: 'http://localhost:8081/msi/token',
    header: 'proof',
    clock,
    fetch: async (request) => {
      asked.push(request);
      return answer(new URL(request.url));
    },
  });
  return { clock, asked, identity };
}

test('asks for the resource of a scope and keeps the token until shortly before its end', async () => {
  const { clock, asked, identity } = create((url) =>
    Response.json({
      access_token: `for ${url.searchParams.get('resource')}`,
      expires_on: String(clock.now() / 1000 + 3600),
    }),
  );
  expect((await identity.getToken('https://storage.azure.com/.default'))?.token).toBe(
    'for https://storage.azure.com',
  );
  await identity.getToken('https://storage.azure.com/.default');
  await identity.getToken('https://vault.azure.net/.default');
  expect(asked).toHaveLength(2);
  expect(asked[0]?.headers.get('x-identity-header')).toBe('proof');
  expect(new URL(asked[0]?.url ?? '').searchParams.get('api-version')).toBe('2019-08-01');
  clock.advance(HOUR);
  await identity.getToken('https://vault.azure.net/.default');
  expect(asked).toHaveLength(3);
});

test.each([
  ['a refusal', () => new Response(null, { status: 400 }), 'AUTH_FAILED'],
  ['no token', () => Response.json({}), 'RESPONSE_INVALID'],
])('%s', async (_, answer, code) => {
  await expect(create(answer).identity.getToken('x')).rejects.toMatchObject({ code });
});

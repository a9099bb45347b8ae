import { beforeEach, describe, expect, test } from 'vitest';
import {
  AUTH,
  basic,
  codeForm,
  createWorld,
  fhir,
  post,
  type TokenBody,
  toRedirect,
  type World,
} from './world.ts';

/** The same session, used at the same time on several instances: storage decides, never the order of answers. */

let world: World;
beforeEach(async () => {
  world = await createWorld();
});

type Instance = ReturnType<World['instance']>;
const PUBLIC = { client_id: 'id-public' };

const send = (instance: Instance, path: string, form: object, headers = {}): Promise<Response> =>
  instance.fetch(
    new Request(`${AUTH}/${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/x-www-form-urlencoded', ...headers },
      body: new URLSearchParams({ ...form }).toString(),
    }),
  );

async function launched(client: object, headers = {}): Promise<TokenBody> {
  const redirect = await toRedirect(world, { parameters: { ...client } });
  const form = { ...codeForm(redirect.searchParams.get('code') ?? ''), ...client };
  return (await (await post(world, '/auth/token', form, headers)).json()) as TokenBody;
}

const refresh = (token: string, client: object, headers = {}): Promise<Response> =>
  send(world.instance(), 'token', { grant_type: 'refresh_token', refresh_token: token, ...client }, headers);

describe('two refreshes at once', () => {
  test('of a public client: one wins, the other is refused', async () => {
    const { refresh_token: token } = await launched(PUBLIC);
    const answers = await Promise.all([refresh(token, PUBLIC), refresh(token, PUBLIC)]);
    expect(answers.map(({ status }) => status).sort()).toEqual([200, 400]);
    const lost = answers.find(({ status }) => status === 400);
    expect(await lost?.json()).toMatchObject({ error: 'invalid_grant' });
  });

  test('of a confidential client: at least one wins, and no answer is anything but a token or a refusal', async () => {
    const { refresh_token: token } = await launched({ client_id: 'id-confidential' }, basic('confidential'));
    const answers = await Promise.all([1, 2, 3].map(() => refresh(token, {}, basic('confidential'))));
    expect(answers.some(({ status }) => status === 200)).toBe(true);
    for (const answer of answers) expect([200, 400]).toContain(answer.status);
    expect((await refresh(token, {}, basic('confidential'))).status).toBe(200);
  });
});

test('a revocation beside a refresh leaves no token alive', async () => {
  const first = await launched(PUBLIC);
  const [refreshed, revoked] = await Promise.all([
    refresh(first.refresh_token, PUBLIC),
    send(world.instance(), 'revoke', { token: first.refresh_token, ...PUBLIC }),
  ]);
  expect(revoked.status).toBe(200);
  const tokens = [first.access_token];
  const later = [first.refresh_token];
  if (refreshed.status === 200) {
    const body = (await refreshed.json()) as TokenBody;
    tokens.push(body.access_token);
    later.push(body.refresh_token);
  }
  for (const token of tokens) expect((await fhir(world, token, 'Patient/patient-a')).status).toBe(401);
  for (const token of later) expect((await refresh(token, PUBLIC)).status).toBe(400);
});

test('two revocations at once are both fine', async () => {
  const { access_token: token } = await launched(PUBLIC);
  const answers = await Promise.all([1, 2].map(() => send(world.instance(), 'revoke', { token, ...PUBLIC })));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect((await fhir(world, token, 'Patient/patient-a')).status).toBe(401);
});

describe('a session that keeps changing', () => {
  /** Storage says to every conditional write that the row has changed meanwhile. */
  function alwaysChanged(): void {
    const whole = world.tables.fetch;
    world.tables.fetch = async (request) =>
      request.method === 'PUT' && request.headers.has('if-match')
        ? Response.json({ 'odata.error': { code: 'UpdateConditionNotSatisfied' } }, { status: 412 })
        : whole(request);
  }

  test('is not refreshed', async () => {
    const { refresh_token: token } = await launched(PUBLIC);
    alwaysChanged();
    const response = await refresh(token, PUBLIC);
    expect([response.status, await response.json()]).toEqual([
      400,
      expect.objectContaining({ error: 'invalid_grant' }),
    ]);
  });

  test('is not called revoked', async () => {
    const { refresh_token: token } = await launched(PUBLIC);
    alwaysChanged();
    const response = await send(world.instance(), 'revoke', { token, ...PUBLIC });
    expect([response.status, await response.json()]).toEqual([
      500,
      expect.objectContaining({ error: 'server_error' }),
    ]);
  });
});

import { beforeEach, describe, expect, test } from 'vitest';
import { createTables } from '../../src/azure/storage/tables.ts';
import { DAY, MINUTE, manualClock } from '../../src/core/clock.ts';
import type { Gateway } from '../../src/functions/context.ts';
import { createCollection } from '../../src/functions/state/collection.ts';
import { createSeal } from '../../src/functions/state/seal.ts';
import { addToken, openSession, revokeSession } from '../../src/functions/state/sessions.ts';
import { createState, type Session } from '../../src/functions/state/state.ts';
import { fakeTables, identity, TABLE } from './fakes.ts';

const START = Date.parse('2026-11-24T20:00:00Z');
let clock: ReturnType<typeof manualClock>;
let storage: ReturnType<typeof fakeTables>;
const tables = () => createTables({ url: TABLE, fetch: storage.fetch, credential: identity, clock });

beforeEach(() => {
  clock = manualClock(START);
  storage = fakeTables();
});

describe('a collection', () => {
  const collection = () => createCollection<{ text: string }>(tables(), clock, 'things');

  test('keeps what was put in, however long, under a hash of its key', async () => {
    const text = 'x'.repeat(100_000);
    await collection().insert('secret-key', { text }, START + MINUTE);
    expect((await collection().get('secret-key'))?.value).toEqual({ text });
    expect(JSON.stringify([...(storage.tables.get('things') ?? [])])).not.toContain('secret-key');
  });

  test('does not find what is past its expiry, swept or not', async () => {
    await collection().insert('key', { text: 'a' }, START + MINUTE);
    clock.advance(MINUTE);
    expect(await collection().get('key')).toBeUndefined();
    expect(await collection().take('key')).toBeUndefined();
  });

  test('gives a value to exactly one taker', async () => {
    await collection().insert('key', { text: 'a' }, START + MINUTE);
    const taken = await Promise.all([collection(), collection(), collection()].map((one) => one.take('key')));
    expect(taken.filter((value) => value !== undefined)).toEqual([{ text: 'a' }]);
  });

  test('inserts once and replaces only what did not change', async () => {
    const things = collection();
    expect(await things.insert('key', { text: 'a' }, START + MINUTE)).toBe(true);
    expect(await things.insert('key', { text: 'b' }, START + MINUTE)).toBe(false);
    const kept = await things.get('key');
    expect(await things.replace('key', { text: 'c' }, START + MINUTE, kept?.etag ?? '')).toBe(true);
    expect(await things.replace('key', { text: 'd' }, START + MINUTE, kept?.etag ?? '')).toBe(false);
    expect((await things.get('key'))?.value).toEqual({ text: 'c' });
  });

  test('sweeps expired rows while it is written to', async () => {
    const things = collection();
    await things.insert('old', { text: 'a' }, START + MINUTE);
    clock.advance(2 * MINUTE);
    await things.insert('new', { text: 'b' }, START + DAY);
    expect(storage.tables.get('things')?.size).toBe(1);
  });
});

describe('revoking a session', () => {
  const session: Session = {
    clientId: 'c',
    scope: 's',
    context: {},
    generation: 0,
    expiresAt: START + DAY,
    tokens: [],
  };
  const token = { uti: 'u', expiresAt: START + 60 * MINUTE, scope: 's' };
  // Only what sessions use of a gateway.
  const gateway = (): Gateway => ({ state: createState(tables(), clock), clock }) as unknown as Gateway;

  test('before it is opened keeps it closed', async () => {
    await revokeSession(gateway(), 'id', 'c');
    await expect(openSession(gateway(), 'id', session, token)).rejects.toMatchObject({
      code: 'invalid_grant',
    });
    expect(await gateway().state.tokens.get('u')).toBeUndefined();
  });

  test('between its two writes leaves the token dead', async () => {
    const opened = { ...session, tokens: [token] };
    await gateway().state.sessions.insert('id', opened, session.expiresAt);
    await revokeSession(gateway(), 'id', 'c');
    await addToken(gateway(), 'id', opened, token);
    expect((await gateway().state.tokens.get('u'))?.value.revoked).toBe(true);
  });

  test('kills every token it knows, twice as well as once', async () => {
    await openSession(gateway(), 'id', session, token);
    await revokeSession(gateway(), 'id', 'c');
    await revokeSession(gateway(), 'id', 'c');
    expect((await gateway().state.tokens.get('u'))?.value.revoked).toBe(true);
    expect((await gateway().state.sessions.get('id'))?.value.revoked).toBe(true);
  });
});

describe('the seal', () => {
  const seal = createSeal(new Uint8Array(32).fill(1));

  test('opens what it sealed, for the same purpose only', async () => {
    const text = await seal.seal('refresh', { a: 1 });
    expect(await seal.open('refresh', text)).toEqual({ a: 1 });
    expect(await seal.open('verifier', text)).toBeUndefined();
  });

  test.each(['', 'nonsense', 'a.b.c.d.e', 'x'.repeat(40_000)])('nothing else', async (text) => {
    expect(await seal.open('refresh', text)).toBeUndefined();
  });

  test('nor what another key sealed or somebody changed', async () => {
    const other = createSeal(new Uint8Array(32).fill(2));
    expect(await seal.open('refresh', await other.seal('refresh', {}))).toBeUndefined();
    const text = await seal.seal('refresh', { a: 1 });
    const parts = text.split('.');
    parts[3] = `A${parts[3]?.slice(1)}B`;
    expect(await seal.open('refresh', parts.join('.'))).toBeUndefined();
  });
});

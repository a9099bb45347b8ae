import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { applyStack, planStack } from '../../src/provision/provision.ts';
import { type Laptop, openLaptop } from './laptop.ts';

const GRANT = 'entra/grant/patient-public';

let laptop: Laptop;

beforeAll(async () => {
  laptop = await openLaptop();
});

afterAll(() => laptop.close());

function withConsent(consent: 'admin' | 'user'): { config: Config } {
  const clients = laptop.config.clients.map((client) =>
    client.name === 'patient-public' ? { ...client, consent } : client,
  );
  return { config: { ...laptop.config, clients } };
}

const planned = async (consent: 'admin' | 'user') =>
  (await planStack(laptop.input(withConsent(consent)))).changes.map(({ id, action }) => `${action} ${id}`);

test('asking each user takes back what was granted to everybody, and stays so', async () => {
  await applyStack(laptop.input(withConsent('admin')));
  expect(await planned('admin')).toEqual([]);
  expect(await planned('user')).toEqual([`update ${GRANT}`]);
  const { result } = await applyStack(laptop.input(withConsent('user')));
  expect([...(result?.errors ?? [])]).toEqual([]);
  expect(await planned('user')).toEqual([]);
  // What is granted now would be granted to everybody again.
  expect(await planned('admin')).toEqual([`create ${GRANT}`]);
});

test('a stack that asks each user from the start converges', async () => {
  const fresh = await openLaptop();
  const clients = fresh.config.clients.map((client) => ({ ...client, consent: 'user' as const }));
  const config = { ...fresh.config, clients };
  const { result } = await applyStack(fresh.input({ config }));
  expect([...(result?.errors ?? [])]).toEqual([]);
  expect((await planStack(fresh.input({ config }))).changes).toEqual([]);
  await fresh.close();
});
